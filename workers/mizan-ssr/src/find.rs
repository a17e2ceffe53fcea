//! Finds Bun or Node.

use std::env::consts::{ARCH, EXE_SUFFIX, OS};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command::WorkerCommand;
use crate::error::NoProgram;

/// The oldest Node that runs workers.
const NODE: u32 = 20;

pub(crate) fn find(bundle: &Path) -> Result<WorkerCommand, NoProgram> {
    let named = std::env::var_os("MIZAN_BUN").filter(|name| !name.is_empty());
    find_by(bundle, named, &std::env::var_os("PATH").unwrap_or_default())
}

fn find_by(
    bundle: &Path,
    named: Option<OsString>,
    path: &OsStr,
) -> Result<WorkerCommand, NoProgram> {
    if !bundle.is_file() {
        return Err(NoProgram(format!(
            "there is no worker bundle at {}: build it first",
            bundle.display()
        )));
    }
    if let Some(named) = named.map(PathBuf::from) {
        return match version(&named) {
            Some(_) => Ok(WorkerCommand::new(named).arg(bundle)),
            None => Err(NoProgram(format!(
                "MIZAN_BUN names {}, which does not run: name a program of Bun, or unset it",
                named.display()
            ))),
        };
    }
    let folder = bundle.canonicalize().unwrap_or_else(|_| bundle.to_owned());
    let packaged = folder.ancestors().skip(1).flat_map(packaged);
    let on_path = |name: &str| {
        let name = format!("{name}{EXE_SUFFIX}");
        std::env::split_paths(path)
            .map(move |folder| folder.join(&name))
            .filter(|program| program.is_file())
    };
    if let Some(bun) = packaged.chain(on_path("bun")).find(|program| version(program).is_some()) {
        return Ok(WorkerCommand::new(bun).arg(bundle));
    }
    let node = on_path("node").find_map(|node| Some((version(&node)?, node)));
    match node {
        Some((version, node)) if major(&version) >= NODE => {
            Ok(WorkerCommand::new(node).arg("--enable-source-maps").arg(bundle))
        }
        Some((version, _)) => Err(NoProgram(format!(
            "Node {version} is too old to run workers: run `npm install bun`, or install Node {NODE} or later"
        ))),
        None => Err(NoProgram(format!(
            "neither Bun nor Node is installed: run `npm install bun`, or install Node {NODE} or later"
        ))),
    }
}

/// What npm has installed for this system into a folder. There may be several, of which one runs here: for older
/// processors, and for another C library.
fn packaged(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.join("node_modules/@oven").read_dir() else { return Vec::new() };
    let os = if OS == "macos" { "darwin" } else { OS };
    let architecture = if ARCH == "x86_64" { "x64" } else { ARCH };
    let prefix = format!("bun-{os}-{architecture}");
    let names = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = names
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
        })
        .map(|path| path.join("bin").join(format!("bun{EXE_SUFFIX}")))
        .filter(|program| program.is_file())
        .collect();
    // The plain one is the fastest, and the first by name.
    found.sort();
    found
}

/// What a program prints as its version, without the `v`. None if it does not run.
fn version(program: &Path) -> Option<String> {
    let output =
        Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().trim_start_matches('v').to_owned())
}

fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use super::{ARCH, OS, find_by};

    /// A folder that is gone after the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("mizan-ssr-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, path: &str, text: &str) -> PathBuf {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        }

        /// A program that prints this version.
        fn program(&self, path: &str, version: &str) {
            self.write(path, &format!("#!/bin/sh\necho {version}\n"));
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_first_program_that_runs_is_taken() {
        let package = format!(
            "{}-{}",
            if OS == "macos" { "darwin" } else { OS },
            if ARCH == "x86_64" { "x64" } else { ARCH }
        );
        let near = format!("app/node_modules/@oven/bun-{package}/bin/bun");
        let baseline = format!("node_modules/@oven/bun-{package}-baseline/bin/bun");
        let other = "node_modules/@oven/bun-other-z80/bin/bun".to_owned();
        let check = |what: &str, programs: &[(&str, &str)], named: Option<&str>, expected: &str| {
            let folder = Folder::new("find");
            let bundle = folder.write("app/dist/worker.js", "");
            programs.iter().for_each(|(path, version)| folder.program(path, version));
            let named = named.map(|name| folder.0.join(name).into());
            let found = find_by(&bundle, named, folder.0.join("path").as_os_str());
            let root = format!("{}/", folder.0.display());
            let canonical = format!("{}/", folder.0.canonicalize().unwrap().display());
            let text = match found {
                Ok(command) => command.program.display().to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(text.replace(&root, "").replace(&canonical, ""), expected, "{what}");
        };
        let (bun, node) = (("path/bun", "1.4.5"), ("path/node", "v20.19.0"));
        let none =
            "neither Bun nor Node is installed: run `npm install bun`, or install Node 20 or later";
        check("nothing", &[], None, none);
        check("of another system", &[(&other, "1.4.5")], None, none);
        check("Node", &[node], None, "path/node");
        check(
            "an old Node",
            &[("path/node", "v18.2.0")],
            None,
            "Node 18.2.0 is too old to run workers: run `npm install bun`, or install Node 20 or later",
        );
        check("Bun on the path", &[node, bun], None, "path/bun");
        check("a package above", &[node, bun, (&baseline, "1.4.5")], None, &baseline);
        check("a package nearer", &[(&baseline, "1.4.5"), (&near, "1.4.5")], None, &near);
        check("one that does not run", &[node, (&near, "; exit 1")], None, "path/node");
        check("a name", &[node, bun, ("mine", "1")], Some("mine"), "mine");
        check(
            "a wrong name",
            &[node, bun],
            Some("mine"),
            "MIZAN_BUN names mine, which does not run: name a program of Bun, or unset it",
        );
        let missing = find_by(Path::new("/no/worker.js"), None, "".as_ref()).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "there is no worker bundle at /no/worker.js: build it first"
        );
    }
}

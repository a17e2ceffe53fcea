//! Finds Bun or Node.

use std::env::consts::{ARCH, EXE_SUFFIX, OS};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command::WorkerCommand;
use crate::error::NoProgram;

/// The oldest Node that runs workers.
const NODE: u32 = 20;

pub(crate) fn find(bundle: &Path) -> Result<WorkerCommand, NoProgram> {
    if !bundle.is_file() {
        let bundle = bundle.display();
        return Err(NoProgram(format!("there is no worker bundle at {bundle}: build it first")));
    }
    if let Some(named) = std::env::var_os("MIZAN_BUN").filter(|name| !name.is_empty()) {
        return match version(Path::new(&named)) {
            Some(_) => Ok(WorkerCommand::new(named).arg(bundle)),
            None => Err(NoProgram(format!(
                "MIZAN_BUN names {}, which does not run: name a program of Bun, or unset it",
                Path::new(&named).display()
            ))),
        };
    }
    let folder = bundle.canonicalize().unwrap_or_else(|_| bundle.to_owned());
    let packaged = folder.ancestors().skip(1).flat_map(packaged);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = |name: &str| {
        let name = format!("{name}{EXE_SUFFIX}");
        std::env::split_paths(&path).map(move |folder| folder.join(&name))
    };
    let runs = |program: &PathBuf| program.is_file() && version(program).is_some();
    if let Some(bun) = packaged.chain(on_path("bun")).find(runs) {
        return Ok(WorkerCommand::new(bun).arg(bundle));
    }
    let node = on_path("node").find(|program| program.is_file());
    let found = node.map(|node| (version(&node), node));
    match found {
        Some((Some(version), node)) if major(&version) >= NODE => {
            Ok(WorkerCommand::new(node).arg("--enable-source-maps").arg(bundle))
        }
        Some((Some(version), _)) => Err(NoProgram(format!(
            "Node {version} is too old to run workers: run `npm install bun`, or install Node {NODE} or later"
        ))),
        _ => Err(NoProgram(format!(
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

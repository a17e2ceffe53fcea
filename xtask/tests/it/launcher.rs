//! The npm package of the generator: its launcher runs the program of the platform, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::place::{at_home, get, put, root, target};
use crate::running::{Running, until};

/// A folder with the tarballs of the launcher and of this machine's program.
fn packed(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("mizan-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "-p", "mizan-generate"]).current_dir(root());
    assert!(at_home(&mut build).status().unwrap().success());
    pack(&folder.join("npm"));
    folder
}

/// Packs the program that was built here, as a release packs the one that it builds.
pub(crate) fn pack(folder: &Path) {
    let script = root().join("protocol/mizan-generate/npm/pack.mjs");
    let program = target().join("debug/mizan-generate");
    let packed = Command::new("node").arg(script).arg(program).arg(folder).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");
}

/// npm without a network.
pub(crate) fn offline<'c>(command: &'c mut Command, cache: &Path) -> &'c mut Command {
    command.env("npm_config_offline", "true").env("npm_config_cache", cache)
}

fn npm(folder: &Path, program: &str, words: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).env_remove("MIZAN_GENERATE_BIN");
    offline(&mut command, &folder.join("cache")).output().unwrap()
}

/// An empty folder in which the tarballs are installed.
fn installed(folder: &Path) -> PathBuf {
    let application = folder.join("application");
    put(&application.join("package.json"), "{ \"private\": true }\n");
    let tarballs: Vec<String> = fs::read_dir(folder.join("npm"))
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    assert_eq!(tarballs.len(), 2, "{tarballs:?}");
    let mut words = vec!["install", "--no-audit", "--no-fund"];
    words.extend(tarballs.iter().map(String::as_str));
    let output = npm(&application, "npm", &words);
    assert!(output.status.success(), "{output:?}");
    application
}

/// Writes a program.
fn script(path: &Path, text: &str) {
    put(path, &format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The files of a client, each with its text.
fn client(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(
                client(&path).into_iter().map(|(file, text)| (format!("{name}/{file}"), text)),
            );
        } else {
            files.push((name, get(&path)));
        }
    }
    files.sort();
    files
}

#[test]
#[ignore = "needs npm: cargo xtask test"]
fn npx_generates_the_client_that_the_program_generates() {
    let folder = packed("npx");
    let application = installed(&folder);
    for name in ["by-npx", "by-program"] {
        fs::create_dir_all(application.join(name)).unwrap();
        let schema = root().join("examples/hello/schema.json");
        fs::copy(schema, application.join(name).join("schema.json")).unwrap();
        let settings = "[source]\nfile = \"schema.json\"\n\n[output]\ndir = \"client\"\ntargets = [\"react\"]\n";
        put(&application.join(name).join("mizan.toml"), settings);
    }

    let (by_npx, by_program) = (application.join("by-npx"), application.join("by-program"));
    let generated = npm(&by_npx, "npx", &["mizan-generate", "--config", "mizan.toml"]);
    assert!(generated.status.success(), "{generated:?}");
    let program = target().join("debug/mizan-generate");
    let words = ["--config", "mizan.toml"];
    let wanted = Command::new(program).args(words).current_dir(&by_program).output().unwrap();
    assert!(wanted.status.success(), "{wanted:?}");
    let files = client(&by_npx.join("client"));
    assert!(files.iter().any(|(name, _)| name == "react.tsx"), "{files:?}");
    assert_eq!(files, client(&by_program.join("client")));

    // What CI runs: nothing differs, then one file does.
    let check = ["mizan-generate", "--config", "mizan.toml", "--check"];
    assert!(npm(&by_npx, "npx", &check).status.success());
    let index = by_npx.join("client/index.ts");
    put(&index, &(get(&index) + "// changed\n"));
    let refused = npm(&by_npx, "npx", &check);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
#[ignore = "needs npm: cargo xtask test"]
fn a_launcher_without_its_program_names_the_remedy() {
    let folder = packed("launcher");
    let application = installed(&folder);
    let launch = |program: Option<&str>| {
        let mut command = Command::new("node");
        command.arg("node_modules/mizan-generate/launcher.mjs").arg("--version");
        command.env_remove("MIZAN_GENERATE_BIN").current_dir(&application);
        command.envs(program.map(|program| ("MIZAN_GENERATE_BIN", program)));
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    let version = format!("mizan-generate {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(launch(None), (true, version));
    let other = folder.join("other");
    script(&other, "echo \"other $*\"");
    assert_eq!(launch(other.to_str()), (true, "other --version\n".into()));
    let (works, text) = launch(Some("/nowhere/mizan-generate"));
    assert!(!works && text.contains("MIZAN_GENERATE_BIN names /nowhere/mizan-generate"), "{text}");

    fs::remove_dir_all(application.join("node_modules/@mizan")).unwrap();
    let (works, text) = launch(None);
    assert!(!works && text.contains("@mizan/generate-linux-"), "{text}");
    assert!(text.contains("--omit=optional") && text.contains("set MIZAN_GENERATE_BIN"), "{text}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
#[ignore = "needs node: cargo xtask test"]
fn a_signal_to_the_launcher_ends_the_program() {
    let folder = std::env::temp_dir().join(format!("mizan-signal-{}", std::process::id()));
    let (program, id) = (folder.join("program"), folder.join("id"));
    put(
        &program,
        &format!("#!/bin/sh\necho $$ > {0}.new\nmv {0}.new {0}\nexec sleep 600\n", id.display()),
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).unwrap();
    let launcher = root().join("protocol/mizan-generate/npm/launcher.mjs");
    let mut command = Command::new("node");
    let mut running = Running::start(command.arg(launcher).env("MIZAN_GENERATE_BIN", &program));
    until(30, || id.is_file(), || running.printed());
    let process = PathBuf::from("/proc").join(get(&id).trim());
    assert!(process.is_dir());
    running.signal("TERM", false);
    running.wait_for_end();
    assert!(!process.is_dir(), "the program outlives its launcher");
    fs::remove_dir_all(folder).unwrap();
}

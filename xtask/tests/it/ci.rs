//! The steps that `docs/deploy.md` shows for an application's CI, in the application of the tutorial.
//!
//! `npm ci` has a stand-in, because it needs a network: the packages are linked already, and the generator is installed
//! from the tarballs that were packed here.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::launcher;
use crate::place::{get, put, root};

/// The commands of the page, in order.
fn commands() -> Vec<String> {
    let page = get(&root().join("docs/deploy.md"));
    let section = page.split("\n## The client in CI\n").nth(1).unwrap();
    let block = section.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let run = |line: &str| line.trim_start().strip_prefix("- run: ").map(str::to_owned);
    block.lines().filter_map(run).collect()
}

/// Adds the generator to the packages of a client, as its `devDependencies` would.
fn add_generator(client: &Path, packed: &Path) {
    let tools = client.with_file_name("tools");
    put(&tools.join("package.json"), "{ \"private\": true }\n");
    let tarballs = fs::read_dir(packed).unwrap().map(|entry| entry.unwrap().path());
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund"]).args(tarballs).current_dir(&tools);
    let installed = launcher::offline(&mut npm, &tools.join("cache")).output().unwrap();
    assert!(installed.status.success(), "{installed:?}");
    let packages = client.join("node_modules");
    let program = tools.join("node_modules/mizan-generate");
    symlink(&program, packages.join("mizan-generate")).unwrap();
    // The folder of programs is that of this repository: the client gets one of its own.
    let bin = packages.join(".bin");
    let shared = fs::read_link(&bin).unwrap();
    fs::remove_file(&bin).unwrap();
    fs::create_dir(&bin).unwrap();
    for entry in fs::read_dir(shared).unwrap() {
        let entry = entry.unwrap();
        symlink(entry.path(), bin.join(entry.file_name())).unwrap();
    }
    symlink(program.join("launcher.mjs"), bin.join("mizan-generate")).unwrap();
}

/// Follows the page: every step passes, and after a change of the schema the check alone fails.
pub(crate) fn follow(application: &Path, packed: &Path, run: &dyn Fn(&str) -> Output) {
    let commands = commands();
    let [install, check, build] = &commands[..] else { panic!("other steps: {commands:?}") };
    assert_eq!(install, "npm ci --prefix client");
    assert!(check.starts_with("npx ") && check.ends_with(" --check"), "{check}");
    add_generator(&application.join("client"), packed);
    let passes = |command: &str| {
        let output = run(command);
        assert!(output.status.success(), "{command}: {output:?}");
    };
    passes(check);
    passes(build);

    let main = application.join("src/main.rs");
    put(&main, &(get(&main) + "\n#[mizan_core::client]\nfn added() -> u32 {\n    1\n}\n"));
    let refused = run(check);
    let printed =
        String::from_utf8_lossy(&refused.stderr) + String::from_utf8_lossy(&refused.stdout);
    assert_eq!(refused.status.code(), Some(1), "{printed}");
    assert!(printed.contains("calls.ts"), "it lists the files that differ: {printed}");
    assert!(!get(&application.join("client/src/mizan/calls.ts")).contains("callAdded"));
    // What its text asks for makes it pass again.
    passes(check.strip_suffix(" --check").unwrap());
    passes(check);
}

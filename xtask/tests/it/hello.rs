//! A copy of hello on axum: one line of its source and one of its manifest, and the rest as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::http;
use crate::place::{at_home, copy, get, put, root, same_profile, target};
use crate::running::Running;

const NAME: &str = "hello-axum";
const READ: &str = "/api/mizan/ctx/user/?user_id=5";
/// A busy machine starts slowly.
const STARTED: u64 = 60;

/// The same file with one line replaced.
#[track_caller]
fn change(path: &Path, old: &str, new: &str) {
    let text = get(path);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("actix")).collect();
    assert_eq!(lines, [old], "one line names the adapter");
    put(path, &text.replace(old, new));
}

fn copy_on_axum() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(NAME);
    let _ = fs::remove_dir_all(&folder);
    let (hello, root) = (root().join("examples/hello"), root());
    copy(&hello.join("src"), &folder.join("src"));
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let root = root.display();
    put(
        &folder.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"{NAME}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\nmizan-actix.workspace = true\nmizan-core = {{ path = \"{root}/cores/mizan-core\" }}\n\
             schemars = \"1\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
             [workspace.dependencies]\nmizan-axum = {{ path = \"{root}/backends/mizan-axum\" }}\n"
        ),
    );
    change(
        &folder.join("Cargo.toml"),
        "mizan-actix.workspace = true",
        "mizan-axum.workspace = true",
    );
    change(
        &folder.join("src/main.rs"),
        "use mizan_actix::{block_on, run};",
        "use mizan_axum::{block_on, run};",
    );
    same_profile(&folder);
    folder
}

#[test]
fn hello_is_served_by_axum_after_one_changed_line_and_one_changed_dependency() {
    let folder = copy_on_axum();
    let mut build = Command::new("cargo");
    let built = at_home(&mut build).args(["build", "--quiet"]).current_dir(&folder).output();
    let built = built.unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let mut command = Command::new(target().join("debug").join(NAME));
    let mut running = Running::start(command.env("MIZAN_ADDR", "127.0.0.1:0"));
    running.wait(0, "mizan: serving http://", STARTED);
    let printed = running.printed();
    let address = printed.split("mizan: serving http://").nth(1).unwrap().lines().next().unwrap();
    let name = |name: &str| format!(r#"{{"user_profile":{{"id":5,"name":"{name}"}}}}"#);
    let before = http::get(address, READ).unwrap();
    assert!(before.ends_with(&name("User 5")), "{before}");
    let renamed = http::call(address, r#"{"fn":"rename","args":{"user_id":5,"name":"Ryth"}}"#);
    let renamed = renamed.unwrap();
    assert!(renamed.contains("x-mizan-invalidate: user;user_id=5\r\n"), "{renamed}");
    let after = http::get(address, READ).unwrap();
    assert!(after.ends_with(&name("Ryth")), "{after}");
    running.signal("TERM", false);
    running.wait_for_end();
}

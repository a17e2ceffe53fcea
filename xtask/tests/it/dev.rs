//! `cargo xtask dev` on a copy of hello: saves, mistakes, recovery, and an end that leaves nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::http::{self, HotUpdates};
use crate::place::{at_home, copy, get, link_packages, put, root, same_profile, target};
use crate::running::{Running, until};

/// Seconds of a build on a busy machine, where another test may hold the folder of builds first.
const BUILT: u64 = 900;
const READ: &str = "/api/mizan/ctx/user/?user_id=5";

/// The copy is called so, that no other test builds the same program.
const NAME: &str = "hello-copy";

fn copy_of_hello() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(NAME);
    // An earlier run may have been stopped half-way.
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("examples/hello"), &folder);
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let root = root().display().to_string();
    put(
        &folder.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"{NAME}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\nmizan-actix = {{ path = \"{root}/backends/mizan-actix\" }}\n\
             mizan-core = {{ path = \"{root}/cores/mizan-core\" }}\n\
             schemars = \"1\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n"
        ),
    );
    edit(&folder.join("client/mizan.toml"), "-p hello", &format!("-p {NAME}"));
    edit(&folder.join("client/tsconfig.json"), "../../..", &root);
    link_packages(&folder.join("client"));
    same_profile(&folder);
    folder
}

#[track_caller]
fn edit(path: &Path, old: &str, new: &str) {
    let text = get(path);
    assert!(text.contains(old), "{}: no {old}", path.display());
    put(path, &text.replace(old, new));
}

fn dev(folder: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let running = Running::start(at_home(&mut command).arg("dev").arg(folder));
    running.wait(0, "Ctrl-C stops them", BUILT);
    running
}

/// Host and port after some words of the box.
fn address(running: &Running, words: &str) -> String {
    let printed = running.printed();
    let rest = printed.split(&format!("{words} http://")).nth(1).unwrap();
    rest.split(['/', ' ']).next().unwrap().to_owned()
}

/// Asks without a pause until it is stopped, and keeps every failure.
struct Asking {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    failures: Arc<Mutex<Vec<String>>>,
}

impl Asking {
    fn start(address: &str) -> Self {
        let asking =
            Self { stop: Arc::default(), answers: Arc::default(), failures: Arc::default() };
        let (stop, answers) = (Arc::clone(&asking.stop), Arc::clone(&asking.answers));
        let (failures, address) = (Arc::clone(&asking.failures), address.to_owned());
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                match http::get(&address, READ) {
                    Ok(_) => drop(answers.fetch_add(1, Ordering::Relaxed)),
                    Err(error) => failures.lock().unwrap().push(error),
                }
                thread::sleep(Duration::from_millis(2));
            }
        });
        asking
    }
}

/// Command lines of processes that belong to the copy or its page. What has ended has none.
fn left(page: &str) -> Vec<String> {
    let port = format!("--port {} ", page.rsplit(':').next().unwrap());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|words| String::from_utf8_lossy(&words).replace('\0', " "));
    let here = target().display().to_string();
    let ours = |line: &String| line.contains(&here) && line.contains(NAME) || line.contains(&port);
    lines.filter(ours).collect()
}

#[track_caller]
fn nothing_is_left(page: &str) {
    until(15, || left(page).is_empty(), || left(page).join("\n"));
}

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn saves_mistakes_recovery_and_end() {
    let folder = copy_of_hello();
    let (source, types) = (folder.join("src/main.rs"), folder.join("client/src/mizan/types.ts"));
    let database = folder.join("src/db.rs");
    let calls = folder.join("client/src/mizan/calls.ts");
    let mut running = dev(&folder);
    let (page, api) = (address(&running, "hello-copy is at"), address(&running, "its API is at"));
    assert!(http::get(&page, "/").unwrap().contains("/src/main.tsx"));
    assert!(http::get(&page, READ).unwrap().contains("\"User 5\""));
    assert!(!left(&page).is_empty());
    let mut hot = HotUpdates::open(&page);
    let asking = Asking::start(&api);
    let answers = |text: &str| {
        until(
            BUILT,
            || http::get(&api, READ).is_ok_and(|answer| answer.contains(text)),
            || running.printed(),
        );
    };

    // A new field is in the response and in the types, and other files are left alone.
    let untouched = fs::metadata(&calls).unwrap().modified().unwrap();
    edit(&source, "    name: String,\n}", "    name: String,\n    mail: String,\n}");
    edit(&database, "Profile { id, name })", "Profile { id, name, mail: \"a@b.c\".into() })");
    answers("\"mail\":\"a@b.c\"");
    until(BUILT, || get(&types).contains("mail: string"), || running.printed());
    assert_eq!(fs::metadata(&calls).unwrap().modified().unwrap(), untouched);
    hot.wait("full-reload");

    // A mistake is shown and changes nothing.
    let known = (get(&types), fs::metadata(&types).unwrap().modified().unwrap());
    let from = running.printed().len();
    edit(&database, "Profile { id, name, mail", "Profile { id, nmae, mail");
    running.wait(from, "the previous server goes on", BUILT);
    assert!(running.printed()[from..].contains("`nmae`"), "{}", running.printed());
    answers("\"mail\":\"a@b.c\"");

    // So does a server that builds and does not start.
    let from = running.printed().len();
    edit(&database, "Profile { id, nmae, mail", "Profile { id, name, mail");
    edit(&source, ".state(Db::default())", "");
    running.wait(from, "the previous server goes on", BUILT);
    assert!(
        running.printed()[from..].contains("the server did not start"),
        "{}",
        running.printed()
    );
    answers("\"User 5\"");

    // A change of the server alone is served and reloads the page, and no file of the client moves.
    edit(&source, "Mizan::builder()", "Mizan::builder().state(Db::default())");
    edit(&database, "\"User {id}\"", "\"Person {id}\"");
    answers("\"Person 5\"");
    hot.wait("full-reload");
    assert_eq!((get(&types), fs::metadata(&types).unwrap().modified().unwrap()), known);

    asking.stop.store(true, Ordering::Relaxed);
    let failures = asking.failures.lock().unwrap().clone();
    assert!(failures.is_empty(), "{failures:?}");
    assert!(asking.answers.load(Ordering::Relaxed) > 100);

    // Ctrl-C of a terminal. A test that runs in the background inherits deaf ears for it, hence TERM.
    running.signal("INT", true);
    running.signal("TERM", true);
    running.wait_for_end();
    nothing_is_left(&page);

    // And an end that no one can hear.
    let mut running = dev(&folder);
    let page = address(&running, "hello-copy is at");
    running.signal("KILL", false);
    running.wait_for_end();
    nothing_is_left(&page);
    fs::remove_dir_all(&folder).unwrap();
}

//! A registry, its generated client, and a program that calls the one through the other over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what only tests use fails by a panic"
)]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mizan_core::Mizan;
use mizan_generate::{Options, Target, generate, write};

/// Generates the client of a registry into `target/<name>/mizan` of the workspace, checks `main.ts` beside
/// it with `tsc --strict`, serves the registry, runs the program in Node with the address as its
/// argument, and returns what it printed.
///
/// # Panics
/// Where any of this fails, with the output of the command that did.
#[track_caller]
pub fn through_the_client(name: &str, registry: fn() -> Mizan, main: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Below the workspace, so that the packages are found as an application finds them.
    let work = root.join("target").join(name);
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).unwrap();
    let options = Options { targets: vec![Target::Vanilla], ..Options::default() };
    let client = generate(&registry().document(), &options).unwrap();
    write(&work.join("mizan"), &client.files).unwrap();
    fs::write(work.join("main.ts"), main).unwrap();
    fs::write(work.join("tsconfig.json"), tsconfig(&root)).unwrap();
    run(Command::new(bin(&root, "tsc")).args(["-p", "."]).current_dir(&work));
    let kernel = root.join("frontends/mizan-base/src/index.ts");
    run(Command::new(bin(&root, "esbuild"))
        .args(["main.ts", "--bundle", "--format=esm", "--platform=node"])
        .args(["--outfile=main.mjs", "--log-level=error"])
        .arg(format!("--alias:@mizan/base={}", kernel.display()))
        .current_dir(&work));
    let address = format!("http://127.0.0.1:{}/api/mizan", serve(registry));
    run(Command::new("node").args(["main.mjs", &address]).current_dir(&work))
}

/// Runs a program in Node with a text as its input, and returns what it printed. It may import `@mizan/base/keys`, the
/// kernel's texts.
///
/// # Panics
/// Where a command fails, with its output.
#[track_caller]
pub fn in_the_kernel(name: &str, main: &str, input: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let work = root.join("target").join(name);
    fs::create_dir_all(&work).unwrap();
    fs::write(work.join("main.ts"), main).unwrap();
    fs::write(work.join("input.json"), input).unwrap();
    let keys = root.join("frontends/mizan-base/src/keys.ts");
    run(Command::new(bin(&root, "esbuild"))
        .args(["main.ts", "--bundle", "--format=esm", "--platform=node"])
        .args(["--outfile=main.mjs", "--log-level=error"])
        .arg(format!("--alias:@mizan/base/keys={}", keys.display()))
        .current_dir(&work));
    let input = fs::File::open(work.join("input.json")).unwrap();
    run(Command::new("node").arg("main.mjs").stdin(input).current_dir(&work))
}

/// Serves the registry until the test ends; the port.
fn serve(registry: fn() -> Mizan) -> u16 {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::thread::spawn(move || {
        mizan_actix::block_on(mizan_actix::run(registry(), ("127.0.0.1", port))).unwrap();
    });
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return port;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no server within ten seconds");
}

/// Runs a command that must succeed; its standard output.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}\n{errors}");
    said
}

fn bin(root: &Path, name: &str) -> PathBuf {
    root.join("node_modules/.bin").join(name)
}

fn tsconfig(root: &Path) -> String {
    serde_json::json!({
        "compilerOptions": {
            "strict": true,
            "noUncheckedIndexedAccess": true,
            "exactOptionalPropertyTypes": true,
            "noEmit": true,
            "skipLibCheck": true,
            "target": "es2022",
            "lib": ["esnext", "dom", "dom.iterable"],
            "module": "preserve",
            "moduleResolution": "bundler",
            "types": ["node"],
            "typeRoots": [root.join("node_modules/@types")],
            "paths": { "@mizan/base": [root.join("frontends/mizan-base/src/index.ts")] },
        },
        "include": ["**/*.ts"],
    })
    .to_string()
}

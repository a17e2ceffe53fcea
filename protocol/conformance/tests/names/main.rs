//! Functions and arguments whose names are words of Rust or TypeScript, called over HTTP through the
//! generated client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mizan_core::{Builder, Context, Mizan, client, functions};
use mizan_generate::{Options, Target, generate, write};

#[derive(Context)]
struct ClassContext;

#[client(context = ClassContext)]
fn r#match(r#type: String, default: Option<u32>) -> String {
    format!("{type} {}", default.unwrap_or(7), type = r#type)
}

#[client(context = ClassContext)]
fn enumerate(r#type: String) -> usize {
    r#type.len()
}

#[client(affects = ClassContext)]
fn delete(arguments: String, class: Vec<u32>) -> String {
    format!("deleted {arguments} {class:?}")
}

#[client]
fn new(eval: bool) -> bool {
    !eval
}

#[client]
fn import() -> String {
    "imported".into()
}

#[client(affects = ClassContext, scope = [r#type = r#in])]
fn r#return(r#in: String, r#fn: i32) -> String {
    format!("{in} {fn}", in = r#in, fn = r#fn)
}

/// What an application would write.
const MAIN: &str = r#"
import { createMizan } from "@mizan/base";
import { callDelete, callImport, callNew, callReturn, delete_, fetchClassContext, new_ } from "./mizan/index.js";

const mizan = createMizan({ baseUrl: process.argv[2] ?? "" });
const read = await fetchClassContext(mizan, { type: "text" });
const results: (string | number | boolean)[] = [
  read.match,
  read.enumerate,
  await callDelete(mizan, { arguments: "a", class: [1, 2] }),
  await callNew(mizan, { eval: false }),
  await callImport(mizan),
  await callReturn(mizan, { in: "b", fn: -1 }),
  delete_.name,
  new_.name,
];
// @ts-expect-error: `class` is a list
if (results.length === 0) await callDelete(mizan, { arguments: "a", class: 1 });
console.log(JSON.stringify(results));
mizan.close();
"#;

fn registry() -> Mizan {
    let all = functions![r#match, enumerate, delete, new, import, r#return];
    Builder::empty().functions(all).build().unwrap()
}

#[test]
fn names_that_languages_reserve_stay_on_the_wire() {
    let document = registry().document();
    let names: Vec<&str> = document.functions.keys().map(String::as_str).collect();
    assert_eq!(names, ["delete", "enumerate", "import", "match", "new", "return"]);
    let affected = &document.functions["return"].affects[0];
    assert_eq!(affected.params, ["type"]);
}

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn names_that_languages_reserve_are_called_through_the_client() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Below the workspace, so that the packages are found as an application finds them.
    let work = root.join("target/reserved-names");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).unwrap();
    let options = Options { targets: vec![Target::Vanilla], ..Options::default() };
    let client = generate(&registry().document(), &options).unwrap();
    write(&work.join("mizan"), &client.files).unwrap();
    fs::write(work.join("main.ts"), MAIN).unwrap();
    fs::write(work.join("tsconfig.json"), tsconfig(&root)).unwrap();
    run(Command::new(bin(&root, "tsc")).args(["-p", "."]).current_dir(&work));
    let kernel = root.join("frontends/mizan-base/src/index.ts");
    run(Command::new(bin(&root, "esbuild"))
        .args(["main.ts", "--bundle", "--format=esm", "--outfile=main.mjs", "--log-level=error"])
        .arg(format!("--alias:@mizan/base={}", kernel.display()))
        .current_dir(&work));

    let port = serve();
    let address = format!("http://127.0.0.1:{port}/api/mizan");
    let said = run(Command::new("node").args(["main.mjs", &address]).current_dir(&work));
    assert_eq!(
        said.trim(),
        r#"["text 7",4,"deleted a [1, 2]",true,"imported","b -1","delete","new"]"#
    );
}

/// Serves the registry until the test ends; the port.
fn serve() -> u16 {
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

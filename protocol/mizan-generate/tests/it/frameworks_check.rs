//! Generated clients for Vue and Svelte, and the components that use them, those of the documents too, as the compilers of these
//! frameworks see them: one run of `vue-tsc` and one of `svelte-check`, both strict.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mizan_generate::{Options, Target, generate, write};
use mizan_schema::Document;

use crate::random::document;
use crate::types_check::{strict, upward};

/// Components; each line of them that must not compile has a comment that starts with `wrong:`.
const COMPONENTS: [(&str, &str); 4] = [
    ("right.vue", include_str!("frameworks/right.vue")),
    ("wrong.vue", include_str!("frameworks/wrong.vue")),
    ("right.svelte", include_str!("frameworks/right.svelte")),
    ("wrong.svelte", include_str!("frameworks/wrong.svelte")),
];

/// A file and a line with a complaint.
type Place = (String, usize);

/// A file of the repository.
fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap()
}

fn documents() -> Vec<(String, Document)> {
    // The pages of the documents use `mizan`, as applications do.
    let documents = [
        ("mizan", "examples/hello/schema.json"),
        ("hello", "examples/hello/schema.json"),
        ("souk", "examples/souk/schema.json"),
        ("conformance", "protocol/conformance/schema.json"),
        ("golden_bigint", "protocol/mizan-generate/tests/it/golden/bigint.json"),
        ("golden_contexts", "protocol/mizan-generate/tests/it/golden/contexts.json"),
        ("golden_lists", "protocol/mizan-generate/tests/it/golden/lists.json"),
        ("golden_shapes", "protocol/mizan-generate/tests/it/golden/shapes.json"),
    ];
    let documents =
        documents.map(|(name, path)| (name.to_owned(), serde_json::from_str(&read(path)).unwrap()));
    let random = if std::env::var_os("MIZAN_DEEP").is_some() { 200 } else { 40 };
    let random = (0..random).map(|seed| (format!("random_{seed}"), document(seed)));
    documents.into_iter().chain(random).collect()
}

/// A project of all clients and components, below the workspace so that packages are found as an
/// application finds them.
fn project(name: &str, target: Target, ending: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let frontends = upward(root, "frontends").expect("the frontends are in the workspace");
    let work = root.join("../../target").join(name);
    // What an earlier run left must not be checked again.
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).unwrap();
    let options = Options {
        targets: vec![target],
        error: Some("HelloError".to_owned()),
        ..Options::default()
    };
    for (name, document) in documents() {
        let client = generate(&document, &options).unwrap();
        write(&work.join(name), &client.files).unwrap();
    }
    for (file, text) in COMPONENTS.iter().filter(|(file, _)| file.ends_with(ending)) {
        fs::write(work.join(file), text).unwrap();
    }
    for page in ["name", "page"] {
        let file = format!("{page}{ending}");
        fs::write(work.join(&file), read(&format!("docs/frontends/{file}"))).unwrap();
    }
    let package = ending.trim_start_matches('.');
    let mut config = strict(&frontends, &["mizan-base", &format!("mizan-{package}")]);
    config["include"] = serde_json::json!(["**/*.ts", format!("**/*{ending}")]);
    config["vueCompilerOptions"] = serde_json::json!({ "strictTemplates": true });
    fs::write(work.join("tsconfig.json"), config.to_string()).unwrap();
    work
}

/// Runs a compiler, and returns its output.
fn run(work: &Path, program: &str, args: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = upward(root, "frontends/check/node_modules/.bin").expect("npm packages are there");
    let output = Command::new(folder.join(program)).args(args).current_dir(work).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

/// Every line that is marked has a complaint, and no other has one.
#[track_caller]
fn check(found: &BTreeSet<Place>, ending: &str, said: &str) {
    let mut wanted = BTreeSet::new();
    for (file, text) in COMPONENTS.iter().filter(|(file, _)| file.ends_with(ending)) {
        let marked = text.lines().enumerate().filter(|(_, line)| line.contains(" wrong: "));
        wanted.extend(marked.map(|(line, _)| ((*file).to_owned(), line + 1)));
    }
    assert!(wanted.len() >= 15, "the marks are found");
    assert_eq!(*found, wanted, "{said}");
}

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn vue_clients_pass_and_mistakes_in_templates_do_not_compile() {
    let work = project("vue-clients", Target::Vue, ".vue");
    let said = run(&work, "vue-tsc", &["--noEmit", "--pretty", "false", "-p", "."]);
    let places = said.lines().filter(|line| line.contains("error TS")).filter_map(|line| {
        let (file, rest) = line.split_once('(')?;
        let (line, _) = rest.split_once(',')?;
        Some((file.to_owned(), line.parse().ok()?))
    });
    // The sources of the packages are not held to all of these options, only the clients are.
    let places = places.filter(|(file, _): &Place| !file.starts_with(".."));
    check(&places.collect(), ".vue", &said);
}

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn svelte_clients_pass_and_mistakes_in_components_do_not_compile() {
    let work = project("svelte-clients", Target::Svelte, ".svelte");
    let args = ["--tsconfig", "./tsconfig.json", "--output", "machine", "--threshold", "error"];
    let said = run(&work, "svelte-check", &args);
    assert!(said.contains(" COMPLETED "), "{said}");
    let places = said.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" ERROR \"")?;
        let (file, rest) = rest.split_once("\" ")?;
        let (line, _) = rest.split_once(':')?;
        Some((file.to_owned(), line.parse().ok()?))
    });
    let places = places.filter(|(file, _): &Place| !file.starts_with(".."));
    check(&places.collect(), ".svelte", &said);
}

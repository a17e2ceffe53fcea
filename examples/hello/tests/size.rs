//! The measure of the API: 14 lines of Rust and TSX, from exactly the crates that an application
//! names.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use std::fs;

/// The lines of an application that belong to Mizan, as a person would write them.
const RUST: [&str; 10] = [
    "#[derive(Context)]",
    "pub struct UserContext;",
    "#[derive(Serialize, JsonSchema)]",
    "pub struct Profile {",
    "#[client(context = UserContext)]",
    "async fn user_profile(db: State<Db>, user_id: i64) -> Result<Profile> {",
    "#[client(affects = UserContext)]",
    "async fn rename(db: State<Db>, user_id: i64, name: String) -> Result<Profile> {",
    "let mizan = Mizan::builder().state(Db::default()).build()?;",
    "Ok(run(mizan, \"127.0.0.1:8080\").await?)",
];

const TSX: [&str; 4] = [
    "<MizanContext><Name userId={5} /><Name userId={6} /></MizanContext>",
    "const profile = useUserProfile({ user_id: userId });",
    "const rename = useRename();",
    "<button disabled={rename.isPending} onClick={() => rename.mutate({ user_id: userId, name: \"Ryth\" })}>",
];

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[track_caller]
fn check(source: &str, expected: &[&str], words: &[&str]) {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    for line in expected {
        assert_eq!(lines.iter().filter(|other| *other == line).count(), 1, "{line}");
    }
    // What else names something of Mizan is an import or the command line.
    let free = |line: &&&str| {
        !["//", "use ", "import ", "mizan_core::handle_cli()"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let named =
        lines.iter().filter(free).filter(|line| words.iter().any(|word| line.contains(word)));
    for line in named {
        assert!(expected.contains(line), "a line that the count does not know: {line}");
    }
}

#[test]
fn the_whole_application_takes_14_lines_of_mizan() {
    assert_eq!(RUST.len() + TSX.len(), 14);
    check(&read("src/main.rs"), &RUST, &["mizan", "Mizan", "client(", "Context"]);
    let client = read("client/src/main.tsx") + &read("client/src/name.tsx");
    check(&client, &TSX, &["MizanContext", "useRename(", "useUserProfile(", "mutate("]);
}

#[test]
fn the_application_names_four_crates() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names: Vec<&str> = section
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(['.', ' ']).next().unwrap())
        .collect();
    assert_eq!(names, ["mizan-actix", "mizan-core", "schemars", "serde"]);
}

/// The first block is both functions, as they are in `main.rs`; the second is a whole file.
#[test]
fn the_readme_shows_this_application() {
    let readme = read("../../README.md");
    let block = |language: &str| {
        let code = readme.split(&format!("```{language}\n")).nth(1).unwrap();
        code.split("```").next().unwrap().trim().to_owned()
    };
    let functions = block("rust");
    assert_eq!(functions.matches("#[client(").count(), 2);
    assert!(read("src/main.rs").contains(&format!("\n{functions}\n")), "{functions}");
    assert_eq!(block("tsx"), read("client/src/name.tsx").trim());
}

/// A landing page is read in one go.
#[test]
fn the_readme_is_short() {
    assert!(read("../../README.md").lines().count() <= 120);
}

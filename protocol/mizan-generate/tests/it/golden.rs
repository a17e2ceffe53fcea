//! Whole clients of whole documents, as committed text. `UPDATE_EXPECT=1` refreshes them.

use expect_test::{ExpectFile, expect_file};
use mizan_generate::{Options, Target, generate};

#[track_caller]
fn check(document: &str, expect: ExpectFile) {
    check_targets(document, &[Target::React], expect);
}

#[track_caller]
fn check_targets(document: &str, targets: &[Target], expect: ExpectFile) {
    let document = serde_json::from_str(document).unwrap();
    let options = Options {
        targets: targets.to_vec(),
        error: Some("HelloError".to_owned()),
        ..Options::default()
    };
    let client = generate(&document, &options).unwrap();
    let mut text = String::new();
    for file in client.files {
        text += &format!("==== {}\n{}", file.path, file.text);
    }
    for line in client.warnings {
        text += &format!("==== warning: {line}\n");
    }
    for place in client.wide_integers {
        text += &format!("==== wide: {place}\n");
    }
    expect.assert_eq(&text);
}

#[test]
fn hello() {
    check(include_str!("golden/hello.json"), expect_file!["golden/hello.txt"]);
}

#[test]
fn vue() {
    let document = include_str!("golden/contexts.json");
    check_targets(document, &[Target::Vue], expect_file!["golden/vue.txt"]);
}

#[test]
fn svelte() {
    let document = include_str!("golden/contexts.json");
    check_targets(document, &[Target::Svelte], expect_file!["golden/svelte.txt"]);
}

#[test]
fn lists_in_all_frameworks() {
    let targets = [Target::React, Target::Vue, Target::Svelte];
    let document = include_str!("golden/lists.json");
    check_targets(document, &targets, expect_file!["golden/frameworks.txt"]);
}

#[test]
fn every_type_of_serde() {
    check(include_str!("golden/types.json"), expect_file!["golden/types.txt"]);
}

#[test]
fn contexts_with_optional_parameters() {
    check(include_str!("golden/contexts.json"), expect_file!["golden/contexts.txt"]);
}

#[test]
fn bigints_are_decoded() {
    check(include_str!("golden/bigint.json"), expect_file!["golden/bigint.txt"]);
}

#[test]
fn lists_of_one_length_and_flattened_options() {
    check(include_str!("golden/shapes.json"), expect_file!["golden/shapes.txt"]);
}

#[test]
fn lists_that_grow() {
    check(include_str!("golden/lists.json"), expect_file!["golden/lists.txt"]);
}

#[test]
fn names_that_meet() {
    check(include_str!("golden/collisions.json"), expect_file!["golden/collisions.txt"]);
}

#[test]
fn each_doc_comment_is_written_once() {
    let document = include_str!("golden/contexts.json");
    let document = serde_json::from_str(document).unwrap();
    let client = generate(&document, &Options::default()).unwrap();
    let text: String = client.files.iter().map(|file| file.text.as_str()).collect();
    for (kind, doc) in [
        ("context", "What every page shows."),
        ("member", "Who is signed in, if anybody is."),
        ("call", "Looks for people."),
    ] {
        assert_eq!(text.matches(doc).count(), 1, "the comment of a {kind}");
    }
}

//! Every mistake of the graph, by its printed report.

use expect_test::{Expect, expect};
use mizan_core::{Builder, Function};

use crate::support::{function, view};

mod generics;
mod names;
mod roles;
mod typed;

#[track_caller]
pub(crate) fn check(functions: impl IntoIterator<Item = Function>, expected: Expect) {
    let error = Builder::empty().functions(functions).build().unwrap_err();
    expected.assert_eq(&without_lines(&error.to_string()));
}

/// Line numbers of this file change with every edit.
fn without_lines(text: &str) -> String {
    let cut = |line: &str| match line.find(" at ") {
        Some(at) if line.starts_with("     `") => line[..at].to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(cut).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_report_names_file_and_line_of_each_party() {
    let error = Builder::empty()
        .functions([function("twice", &[]), function("twice", &[])])
        .build()
        .unwrap_err();
    let text = error.to_string();
    let places = text.matches("`twice` at cores/mizan-core/tests/it/graph/mod.rs:").count();
    assert_eq!(places, 2, "{text}");
}

#[test]
fn nothing_is_registered() {
    check(
        [],
        expect![[r#"
        mizan found 1 problem

        1. no function is registered
           help: the linker drops a crate that the binary never names: add `use the_crate as _;` for the crate that declares them, or register them by `.functions(mizan_core::functions![the_crate::function])`; `.allow_empty()` says that none is meant"#]],
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    check(
        [
            function("a", &[]).affects("nowhere"),
            function("a", &[]),
            function("B", &[]),
            function("c", &["class", "constructor"]).method("GET"),
        ],
        expect![[r#"
            mizan found 5 problems

            1. two functions are called `a`
                 `a`
                 `a`
               help: rename one, or give one another wire name by `name = "…"`

            2. `B` is not a wire name
                 `B`
               help: use a lower-case letter, then lower-case letters, digits and `_`

            3. `constructor` of `c` is not a parameter name
                 `c`
               help: choose a name that JavaScript objects do not have already

            4. `c` has `methods` and no `route`
                 `c`
               help: methods belong to a route; add `route = "/…/"` or remove them

            5. `a` affects `nowhere`, which does not exist
                 `a`
               help: name a context or a function of one; if it is in another crate, the binary must name that crate: `use the_crate as _;`"#]],
    );
}

#[test]
fn a_mount_point_is_wrong() {
    let error = Builder::empty().allow_empty().mount("api?").build().unwrap_err();
    expect![[r#"
        mizan found 1 problem

        1. `api?` is not a mount point
           help: write a path like `/api/mizan`, of letters, digits and `-._~/`"#]]
    .assert_eq(&error.to_string());
}

#[test]
fn a_public_origin_is_wrong() {
    let error = Builder::empty().allow_empty().public_origin("example.org/x").build().unwrap_err();
    expect![[r#"
        mizan found 1 problem

        1. `example.org/x` is not a public origin
           help: write scheme, host and port only, for example `https://example.org`"#]]
    .assert_eq(&error.to_string());
}

#[test]
fn a_header_of_broad_targets_has_a_limit() {
    let contexts: Vec<String> =
        (0..200).map(|number| format!("{}{number}", "c".repeat(50))).collect();
    let reads = contexts
        .iter()
        .enumerate()
        .map(|(number, name)| function(&format!("r{number}"), &[]).context(name.clone()));
    let mutation =
        contexts.iter().fold(function("m", &[]), |function, name| function.affects(name.clone()));
    check(
        reads.chain([mutation]),
        expect![[r#"
        mizan found 1 problem

        1. the targets of `m` take 10890 bytes of header
             `m`
           help: at most 8192 fit; affect fewer contexts"#]],
    );
}

#[test]
fn what_is_not_in_this_build_is_said_once_for_each_function() {
    let functions = [
        view("linked", &[]).affects("c").route("/linked/").method("GET"),
        view("page", &[]).context("c").route("/page/"),
        function("socket", &[]).websocket(),
        function("guarded", &[]).auth_staff(),
    ];
    let mizan = Builder::empty().functions(functions).build().unwrap();
    let said: Vec<String> = mizan
        .warnings()
        .iter()
        .map(|text| text.split(" at ").next().unwrap_or("").to_owned())
        .collect();
    assert_eq!(said[..2], ["`socket`", "`linked`"]);
    assert!(mizan.warnings()[1].contains("changes something by GET"));
    assert!(mizan.warnings().iter().any(|text| text.contains("1 functions have `auth`")));
}

//! Upward imports are refused in every spelling, and downward ones accepted.

use super::{check, faults, module};

/// `low` is below `mid` and `side`, which are below `high`.
const FLOORS: &[&[&str]] = &[&["low"], &["mid", "side"], &["high"]];

const ROOT: &str = "\
mod high;
mod low;
mod mid;
mod side;
pub use high::{Entrance, deep::{Inner as Outer}};
pub use low::Word;
pub const LIMIT: usize = 1;
";

/// The faults of a crate where one file of `mid` has this text.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    let rest = [("lib.rs", ROOT), ("high/mod.rs", ""), ("low.rs", ""), ("side.rs", "")];
    let mut sources = rest.to_vec();
    if path != "mid/mod.rs" {
        sources.push(("mid/mod.rs", ""));
    }
    sources.push((path, text));
    check(FLOORS, &sources)
}

#[track_caller]
fn refused(path: &str, text: &str, lines: &[usize]) {
    let faults = faults_of(path, text);
    let expected: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "cores/mizan-core/src/{path}:{line}: `mid` (floor 2) imports `high` (floor 3), \
                 which is above it"
            )
        })
        .collect();
    assert_eq!(faults, expected, "{text}");
}

#[track_caller]
fn accepted(path: &str, text: &str) {
    assert_eq!(faults_of(path, text), Vec::<String>::new(), "{text}");
}

#[test]
fn an_upward_import_is_refused_in_every_spelling() {
    for text in [
        "use crate::high::Entrance;",
        "pub(crate) use crate::high;",
        "use crate::high::*;",
        "use crate::{high};",
        "use crate::{low, high::Entrance};",
        "use crate::{low::{Word, other}, high::{self, Entrance}};",
        "use crate::high as above;",
        "fn f() { crate::high::start(); }",
        "fn f() -> crate::high::Entrance { todo() }",
        "impl crate::high::Trait for crate::low::Word {}",
        "macro_rules! m { () => { crate::high::start() } }",
        "mod inner { use crate::high::Entrance; }",
        "#[cfg(test)] use crate::high::Entrance;",
        "#[cfg(not(test))] mod inner { use crate::high::Entrance; }",
    ] {
        refused("mid/mod.rs", text, &[1]);
    }
    refused(
        "mid/mod.rs",
        "use crate::{\n    low,\n    high::{\n        Entrance,\n    },\n};",
        &[4],
    );
    refused("mid/mod.rs", "use crate::low;\nuse crate::high;\n\nuse crate::high::x;", &[2, 4]);
}

#[test]
fn super_is_followed_out_of_its_module() {
    refused("mid/mod.rs", "use super::high;", &[1]);
    refused("mid/mod.rs", "use super::{low, high::Entrance};", &[1]);
    refused("mid/part.rs", "use super::super::high;", &[1]);
    refused("mid/part.rs", "fn f() { super::super::high::start() }", &[1]);
    refused("mid/part.rs", "use self::super::super::high;", &[1]);
    refused("mid/part/deep.rs", "use super::super::super::high;", &[1]);
    refused("mid/mod.rs", "mod inner {\n    use super::super::high;\n}\nuse super::high;", &[2, 4]);
    accepted("mid/mod.rs", "mod inner { fn f() {} use super::high; } mod high {}");
    accepted("mid/part.rs", "use super::high; use super::super::low; use self::high::x;");
    accepted("mid/part/deep.rs", "use super::super::high;");
}

#[test]
fn what_the_root_exports_is_of_its_module() {
    for name in ["Entrance", "Outer"] {
        let faults = faults_of("mid/mod.rs", &format!("use crate::{name};"));
        assert_eq!(
            faults,
            ["cores/mizan-core/src/mid/mod.rs:1: `mid` (floor 2) imports `high` (floor 3), \
             which is above it"]
        );
    }
    accepted("mid/mod.rs", "use crate::Word; fn f(_: crate::Word) {}");
    for text in
        ["use crate::LIMIT;", "use crate::*;", "use super::*;", "use crate::{self as root};"]
    {
        let faults = faults_of("mid/mod.rs", text);
        assert_eq!(faults.len(), 1, "{text}");
        assert!(faults[0].contains("from the root of the crate; import it from its module"));
    }
}

#[test]
fn what_is_above_every_floor_is_not_imported() {
    for text in ["use crate::private::x;", "use crate::__private::x;", "use crate::testing::Fake;"]
    {
        let faults = faults_of("mid/mod.rs", text);
        assert!(faults[0].ends_with("which is above every floor"), "{faults:?}");
    }
    accepted("testing.rs", "use crate::high::Entrance;");
    accepted("private.rs", "pub use crate::high::Entrance;");
}

#[test]
fn downward_and_level_imports_are_accepted() {
    for text in [
        "use crate::low::Word;",
        "use crate::{low::Word, side, mid::part};",
        "use super::{low, side};",
        "fn f() { crate::low::f(); crate::side::g() }",
        "use std::high; use other::high::Entrance; use ::high::x;",
        "fn high() { high::start() }",
        "fn f() -> impl Sized + use<'static> {}",
    ] {
        accepted("mid/mod.rs", text);
    }
}

#[test]
fn comments_strings_tests_and_exported_macros_are_not_imports() {
    for text in [
        "// use crate::high;\n/* use crate::high; /* x */ use crate::high; */",
        "/// [`crate::high::Entrance`]\nfn f() {}",
        "const A: &str = \"use crate::high;\";",
        "const A: &str = r#\"\" use crate::high; \"#;",
        "macro_rules! m { () => { $crate::high::start() } }",
        "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::high;\n    fn f() { '}'; }\n}",
        "#[cfg(test)]\n#[allow(x)]\npub(crate) mod tests { use crate::high; }",
        "#[cfg(all(test, feature = \"x\"))] mod tests { use crate::high; }",
    ] {
        accepted("mid/mod.rs", text);
    }
    let tests = [("mid/mod.rs", "#[cfg(test)]\nmod tests;"), ("mid/tests.rs", "use crate::high;")];
    let rest = [("lib.rs", ROOT), ("high.rs", ""), ("low.rs", ""), ("side.rs", "")];
    assert_eq!(check(FLOORS, &[&tests[..], &rest].concat()), Vec::<String>::new());
    refused("mid/tests.rs", "use crate::high;", &[1]);
}

#[test]
fn a_module_and_its_floor_go_together() {
    let sources = [("lib.rs", ROOT), ("low.rs", ""), ("mid/mod.rs", ""), ("side.rs", "")];
    assert_eq!(check(FLOORS, &sources), ["floors.rs: the module `high` does not exist"]);
    let faults = faults_of("new/mod.rs", "use crate::high;");
    assert_eq!(faults, ["cores/mizan-core/src/new: has no floor; give it a floor in floors.rs"]);
}

#[test]
fn only_the_sources_of_the_core_have_floors() {
    let text = "use crate::accept;".to_owned();
    let of = |path: &str| faults(&[(path.to_owned(), text.clone())]);
    let upward = |path: &str| of(path).iter().any(|fault| fault.contains("which is above it"));
    assert!(upward("cores/mizan-core/src/error.rs"));
    assert!(!upward("cores/mizan-core/src/accept/mod.rs"));
    assert!(!upward("cores/mizan-core/tests/it/error.rs"));
    assert!(!upward("cores/mizan-cache/src/error.rs"));
}

#[test]
fn the_path_of_a_file_is_its_module() {
    assert_eq!(module("lib.rs"), Vec::<&str>::new());
    assert_eq!(module("a.rs"), ["a"]);
    assert_eq!(module("a/mod.rs"), ["a"]);
    assert_eq!(module("a/b/c.rs"), ["a", "b", "c"]);
}

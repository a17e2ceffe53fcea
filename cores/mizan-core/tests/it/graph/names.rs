//! Names, targets and parameters.

use expect_test::expect;
use mizan_core::Builder;
use serde_json::json;

use super::check;
use crate::support::{function, view};

#[test]
fn a_name_stands_twice() {
    check(
        [function("twice", &[]), view("twice", &[])],
        expect![[r#"
        mizan found 1 problem

        1. two functions are called `twice`
             `twice`
             `twice`
           help: rename one, or give one another wire name by `name = "…"`"#]],
    );
}

#[test]
fn a_target_does_not_exist() {
    check(
        [function("m", &[]).affects("usr"), function("p", &[]).context("user")],
        expect![[r#"
            mizan found 1 problem

            1. `m` affects `usr`, which does not exist
                 `m`
               help: did you mean `user`?"#]],
    );
}

#[test]
fn a_target_function_belongs_to_no_context() {
    check(
        [function("m", &[]).affects("other"), function("other", &[])],
        expect![[r#"
        mizan found 1 problem

        1. `m` affects `other`, which belongs to no context
             `m`
             `other`
           help: only reads of a context can be affected; give it `context = …`"#]],
    );
}

#[test]
fn a_text_names_a_context_and_a_function() {
    check(
        [function("user", &[]).context("user"), function("m", &[]).affects("user")],
        expect![[r#"
            mizan found 1 problem

            1. `user` is a context and a function, and `m` affects it by text
                 `m`
                 `user`
               help: write `"context:user"` or `"function:user"`, or name the context by its type or the function by its path"#]],
    );
}

#[tokio::test]
async fn a_text_says_whether_it_names_a_context_or_a_function() {
    let reads = || [function("user", &[]).context("user"), function("orders", &[]).context("user")];
    for (text, expected) in [
        ("context:user", json!(["user"])),
        ("function:user", json!([{ "context": "user", "function": "user" }])),
        ("function:orders", json!([{ "context": "user", "function": "orders" }])),
        ("orders", json!([{ "context": "user", "function": "orders" }])),
    ] {
        let mizan =
            crate::support::build(reads().into_iter().chain([function("m", &[]).affects(text)]));
        let response = crate::support::call(&mizan, "m", json!({})).await;
        assert_eq!(response.json()["invalidate"], expected, "{text}");
    }
    let merge = function("m", &[]).merge("context:orders");
    let board = function("board", &[]).context("orders");
    let mizan = crate::support::build(reads().into_iter().chain([board, merge]));
    assert_eq!(mizan.manifest().mutations["m"].merges, ["orders"]);
    check(
        reads().into_iter().chain([
            function("a", &[]).affects("context:orders"),
            function("b", &[]).affects("function:ordrs"),
            function("d", &[]).affects("context:usr"),
            function("e", &[]).affects("context:"),
        ]),
        expect![[r#"
            mizan found 4 problems

            1. `a` affects `context:orders`, which does not exist
                 `a`
               help: name a context; if it is in another crate, the binary must name that crate: `use the_crate as _;`

            2. `b` affects `function:ordrs`, which does not exist
                 `b`
               help: did you mean `function:orders`?

            3. `d` affects `context:usr`, which does not exist
                 `d`
               help: did you mean `context:user`?

            4. `e` affects `context:`, which does not exist
                 `e`
               help: name a context; if it is in another crate, the binary must name that crate: `use the_crate as _;`"#]],
    );
}

#[test]
fn a_parameter_has_two_types() {
    check(
        [function("a", &["id"]).context("c"), function("b", &["id:text"]).context("c")],
        expect![[r#"
            mizan found 1 problem

            1. parameter `id` of context `c` has two types
                 `a`
                 `b`
               help: give it one type in every member, or another name where it means another thing"#]],
    );
}

#[test]
fn a_parameter_may_be_optional_in_one_member() {
    let functions = [function("a", &["id"]).context("c"), function("b", &["id?"]).context("c")];
    let mizan = Builder::empty().functions(functions).build().unwrap();
    assert!(mizan.document().contexts["c"].params[0].required);
}

#[test]
fn a_parameter_has_two_defaults() {
    check(
        [function("a", &["page=1"]).context("c"), function("b", &["page=2"]).context("c")],
        expect![[r#"
            mizan found 1 problem

            1. parameter `page` of context `c` has two defaults
                 `a`
                 `b`
               help: give it one default: an entry of the context has one value for each parameter"#]],
    );
}

#[test]
fn a_parameter_is_nested() {
    check(
        [function("a", &["filter:json"]).context("c")],
        expect![[r#"
        mizan found 1 problem

        1. parameter `filter` of context `c` is nested
             `a`
           help: a context's parameter is a scalar or a list of scalars"#]],
    );
}

#[test]
fn a_name_is_not_legal() {
    check(
        [function("имя", &[]).context("Ключ"), function("prototype", &["1a"])],
        expect![[r#"
        mizan found 4 problems

        1. `prototype` is not a wire name
             `prototype`
           help: choose a name that JavaScript objects do not have already

        2. `1a` of `prototype` is not a parameter name
             `prototype`
           help: use a lower-case letter, then lower-case letters, digits and `_`

        3. `имя` is not a wire name
             `имя`
           help: use a lower-case letter, then lower-case letters, digits and `_`

        4. `Ключ` is not a context name
             `имя`
           help: use a lower-case letter, then lower-case letters, digits and `_`"#]],
    );
}

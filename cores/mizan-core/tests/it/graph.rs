//! Every mistake of the graph, by its printed report.

use expect_test::{Expect, expect};
use mizan_core::{Builder, Function, State, client};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{function, view};

#[track_caller]
fn check(functions: impl IntoIterator<Item = Function>, expected: Expect) {
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
    let places = text.matches("`twice` at cores/mizan-core/tests/it/graph.rs:").count();
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
               help: choose a word that no client language reserves

            4. `c` has `methods` and no `route`
                 `c`
               help: methods belong to a route; add `route = "/…/"` or remove them

            5. `a` affects `nowhere`, which does not exist
                 `a`
               help: name a context or a function of one; if it stands in another crate, the binary must name that crate: `use the_crate as _;`"#]],
    );
}

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
               help: name the context by its type or the function by its path"#]],
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
        [function("имя", &[]).context("Ключ"), function("class", &["1a"])],
        expect![[r#"
        mizan found 4 problems

        1. `class` is not a wire name
             `class`
           help: choose a word that no client language reserves

        2. `1a` of `class` is not a parameter name
             `class`
           help: use a lower-case letter, then lower-case letters, digits and `_`

        3. `имя` is not a wire name
             `имя`
           help: use a lower-case letter, then lower-case letters, digits and `_`

        4. `Ключ` is not a context name
             `имя`
           help: use a lower-case letter, then lower-case letters, digits and `_`"#]],
    );
}

#[test]
fn roles_contradict_each_other() {
    check(
        [
            function("a", &[]).context("c").affects("c"),
            function("b", &[]).context("c").merge("c"),
            function("d", &[]).context("c").private(),
            function("e", &[]).key("id"),
            view("f", &[]).merge("c"),
        ],
        expect![[r#"
            mizan found 5 problems

            1. `a` has both `context` and `affects`
                 `a`
               help: a function either belongs to a context or invalidates one; remove one of the two

            2. `b` has both `context` and `merge`
                 `b`
               help: a function either belongs to a context or changes one; remove one of the two

            3. `d` is private and belongs to a context
                 `d`
               help: a context is read by clients; remove `private` or `context`

            4. `e` has `key` and no `merge`
                 `e`
               help: a key finds the element that a merge replaces; add `merge` or remove it

            5. `f` is a view and has `merge`
                 `f`
               help: only data can be merged; use `affects`"#]],
    );
}

#[test]
fn a_context_mixes_transports() {
    check(
        [function("a", &[]).context("c").websocket(), function("b", &[]).context("c")],
        expect![[r#"
            mizan found 1 problem

            1. context `c` mixes members over WebSocket and HTTP
                 `a`
               help: a bundle is read over one transport; set `websocket` on every member or on none"#]],
    );
}

#[test]
fn routes_are_wrong() {
    check(
        [
            view("a", &["id"]).route("/x/<id>/"),
            view("b", &["name:text"]).route("/x/<name>/"),
            view("c", &[]).route("x"),
            view("d", &[]).route("/<id>/"),
            view("e", &[]).route("/a b/"),
            view("f", &[]).route("/f/").method("FETCH"),
            view("i", &["id"]).route("/i/<id>/<id>/"),
            view("j", &[]).route("/j//j/"),
            view("k", &[]).route("/k/../"),
            view("l", &[]).route("/slash/"),
            view("m", &[]).route("/slash"),
            function("g", &[]).method("GET"),
            function("h", &[]).route("/h/"),
        ],
        expect![[r#"
            mizan found 11 problems

            1. `FETCH` of `f` is not a method
                 `f`
               help: use GET, HEAD, POST, PUT, PATCH or DELETE

            2. `g` has `methods` and no `route`
                 `g`
               help: methods belong to a route; add `route = "/…/"` or remove them

            3. two functions answer POST /x/<name>/
                 `a`
                 `b`
               help: give one another route or another method

            4. route `x` of `c` does not start with `/`
                 `c`
               help: write the whole path

            5. route `/<id>/` of `d` names `id`, which is no argument of it
                 `d`
               help: name an argument of the function between `<` and `>`

            6. part `a b` of route `/a b/` of `e` is not a path part
                 `e`
               help: use letters, digits and `-._~`, or `<name>` alone between two `/`

            7. `h` has a route and answers with data
                 `h`
               help: a route is for people and machines without our client; return `View`

            8. route `/i/<id>/<id>/` of `i` names `id` twice
                 `i`
               help: an argument has one value; name it once

            9. part `` of route `/j//j/` of `j` is not a path part
                 `j`
               help: use letters, digits and `-._~`, or `<name>` alone between two `/`

            10. part `..` of route `/k/../` of `k` is not a path part
                 `k`
               help: use letters, digits and `-._~`, or `<name>` alone between two `/`

            11. two functions answer POST /slash
                 `l`
                 `m`
               help: give one another route or another method"#]],
    );
}

#[test]
fn one_route_may_have_two_methods() {
    let functions =
        [view("a", &[]).route("/x/").method("GET"), view("b", &[]).route("/x/").method("POST")];
    Builder::empty().functions(functions).build().unwrap();
}

#[test]
fn a_scope_is_wrong() {
    check(
        [
            function("read", &["user_id"]).context("user"),
            function("a", &["user_id:text"]).affects("user"),
            function("b", &["id"]).affects("user").scope("user_id", "nothing"),
            function("d", &["id"]).affects("user").scope("nothing", "id"),
        ],
        expect![[r#"
            mizan found 3 problems

            1. argument `user_id` of `a` and parameter `user_id` of context `user` have different types
                 `a`
               help: give them one type, or say `scope = none` (or name the pairs) where they mean different things

            2. `scope` of `b` names `nothing`, which is no argument of it
                 `b`
               help: write `scope = [parameter_of_the_context = argument]`

            3. `scope` of `d` names `nothing`, which no target has
                 `d`
               help: name a parameter of a context that the function affects"#]],
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

// Mistakes that only types can make.

#[derive(Serialize, JsonSchema)]
struct Order {
    id: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Opaque(#[allow(dead_code)] i64);

#[client(context = "typed")]
fn typed_hidden() -> mizan_core::Result<Vec<Result<i64, String>>> {
    Ok(Vec::new())
}

#[client(context = "typed")]
async fn typed_opaque(page: Opaque) -> i64 {
    page.0
}

#[client(affects = typed_hidden)]
async fn typed_needs(_: State<Order>, id: i64) {
    let _ = id;
}

#[client(affects = unattributed)]
async fn typed_unattributed() {}

#[allow(dead_code)]
async fn unattributed() {}

#[client(context = "lists")]
async fn one_order() -> Order {
    Order { id: 1 }
}

#[client(context = "lists")]
async fn another_order() -> Order {
    Order { id: 1 }
}

#[client(context = "lists")]
async fn order_list() -> Vec<Order> {
    Vec::new()
}

#[client(merge = "lists")]
async fn merges_into_two() -> Order {
    Order { id: 1 }
}

#[client(merge = "lists")]
async fn merges_into_none() -> i64 {
    1
}

#[client(merge = "lists", key = "number")]
async fn merges_by_no_field() -> Order {
    Order { id: 1 }
}

#[client(merge = order_list)]
async fn merges_into_a_function() -> Order {
    Order { id: 1 }
}

#[test]
fn a_result_hides_in_a_result() {
    check(
        mizan_core::functions![typed_hidden],
        expect![[r#"
        mizan found 1 problem

        1. the result of `typed_hidden` holds a `Result`, which would travel as `{"Ok": …}`
             `typed_hidden`
           help: return the error with `?`, or put an enum of your own into the result"#]],
    );
}

#[test]
fn a_parameter_does_not_serialize() {
    check(
        mizan_core::functions![typed_opaque],
        expect![[r#"
        mizan found 1 problem

        1. parameter `page` of context `typed` does not serialize
             `typed_opaque`
           help: derive `serde::Serialize` on its type: its value names the entry"#]],
    );
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Nest {
    Leaf(i64),
    Inner(Box<Nest>),
}

#[client(context = "nests")]
async fn typed_nest(nest: Nest) -> bool {
    matches!(nest, Nest::Inner(_))
}

#[test]
fn a_parameter_holds_itself() {
    check(
        mizan_core::functions![typed_nest],
        expect![[r#"
        mizan found 1 problem

        1. parameter `nest` of context `nests` is nested
             `typed_nest`
           help: a context's parameter is a scalar or a list of scalars"#]],
    );
}

#[test]
fn a_state_is_missing() {
    check(
        mizan_core::functions![typed_needs, one_order]
            .into_iter()
            .chain([function("f", &[]).context("typed")]),
        expect![[r#"
            mizan found 2 problems

            1. `typed_needs` needs `State<it::graph::Order>`, which was not given
                 `typed_needs`
               help: add `.state(value)` to the builder

            2. `typed_needs` affects `typed_hidden`, which does not exist
                 `typed_needs`
               help: put `#[client(context = …)]` on it; if it stands in another crate, the binary must name that crate: `use the_crate as _;`"#]],
    );
}

#[test]
fn a_function_without_the_attribute_is_affected() {
    check(
        mizan_core::functions![typed_unattributed],
        expect![[r#"
        mizan found 1 problem

        1. `typed_unattributed` affects `unattributed`, which does not exist
             `typed_unattributed`
           help: put `#[client(context = …)]` on it; if it stands in another crate, the binary must name that crate: `use the_crate as _;`"#]],
    );
}

#[test]
fn a_merge_finds_no_single_slot() {
    check(
        mizan_core::functions![
            one_order,
            another_order,
            order_list,
            merges_into_two,
            merges_into_none,
            merges_by_no_field,
            merges_into_a_function
        ],
        expect![[r#"
            mizan found 4 problems

            1. `key` of `merges_by_no_field` names `number`, which its result does not have
                 `merges_by_no_field`
               help: name a field of the result, as it is written on the wire

            2. `merges_into_a_function` merges into `order_list`, which is a function
                 `merges_into_a_function`
               help: name the context; the slot follows from the type of the result

            3. `merges_into_none` merges into context `lists`, where 0 members have the type of its result
                 `merges_into_none`
               help: exactly one member must; use `affects` instead, or `key = "…"` for an element of a list

            4. `merges_into_two` merges into context `lists`, where 2 members have the type of its result
                 `another_order`
                 `merges_into_two`
                 `one_order`
               help: exactly one member must; use `affects` instead, or `key = "…"` for an element of a list"#]],
    );
}

mod first {
    #[derive(mizan_core::Context)]
    #[context(name = "same")]
    pub(super) struct One;

    #[derive(serde::Serialize, schemars::JsonSchema)]
    pub(super) struct Row {
        pub(super) a: i64,
    }

    #[mizan_core::client(context = One)]
    pub(super) async fn first_row() -> Row {
        Row { a: 1 }
    }
}

mod second {
    #[derive(mizan_core::Context)]
    #[context(name = "same")]
    pub(super) struct Two;

    #[derive(serde::Serialize, schemars::JsonSchema)]
    pub(super) struct Row {
        pub(super) b: String,
    }

    #[mizan_core::client(context = Two)]
    pub(super) async fn second_row() -> Vec<Row> {
        Vec::new()
    }

    /// Its name is what a second `Row` would be called.
    #[derive(serde::Serialize, schemars::JsonSchema)]
    pub(super) struct Row2 {
        pub(super) c: bool,
        pub(super) row: Option<Box<Row>>,
    }

    #[mizan_core::client]
    pub(super) async fn row_two() -> Row2 {
        Row2 { c: true, row: None }
    }
}

#[test]
fn two_context_types_have_one_name_and_two_types_too() {
    check(
        mizan_core::functions![first::first_row, second::second_row],
        expect![[r#"
        mizan found 2 problems

        1. two types are called `Row`, and a client can have one of that name
             `second_row`
           help: rename one with `#[schemars(rename = "…")]`; the second of them is used by the functions above

        2. two context types have the wire name `same`
             `same`
             `same`
           help: rename one, or give one another wire name by `#[context(name = "…")]`"#]],
    );
}

#[test]
fn a_type_whose_name_ends_with_a_number_is_no_collision() {
    let functions = mizan_core::functions![second::second_row, second::row_two];
    let mizan = Builder::empty().functions(functions).build().unwrap();
    let names: Vec<String> = mizan.document().defs.into_keys().collect();
    assert_eq!(names, ["Row", "Row2"]);
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

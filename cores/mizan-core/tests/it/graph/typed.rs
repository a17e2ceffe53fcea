//! Mistakes that only types can make.

use expect_test::expect;
use mizan_core::{Builder, State, client};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check;
use crate::support::function;

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

            1. `typed_needs` needs `State<it::graph::typed::Order>`, which was not given
                 `typed_needs`
               help: add `.state(value)` to the builder

            2. `typed_needs` affects `typed_hidden`, which does not exist
                 `typed_needs`
               help: put `#[client(context = …)]` on it; if it is in another crate, the binary must name that crate: `use the_crate as _;`"#]],
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
           help: put `#[client(context = …)]` on it; if it is in another crate, the binary must name that crate: `use the_crate as _;`"#]],
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
fn two_context_types_have_one_name() {
    check(
        mizan_core::functions![first::first_row, second::second_row],
        expect![[r#"
        mizan found 1 problem

        1. two context types have the wire name `same`
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

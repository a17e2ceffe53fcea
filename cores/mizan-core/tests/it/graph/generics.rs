//! Generic types and other types of one name: each definition has a name of its own.

use mizan_core::{Builder, Function, client, functions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize, JsonSchema)]
struct User {
    name: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Order {
    number: u32,
    #[serde(skip_deserializing)]
    total: u32,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
    total: u32,
}

#[derive(Serialize, JsonSchema)]
struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OrdersOf{T}")]
struct Named<T> {
    value: T,
}

fn page<T>() -> Page<T> {
    Page { items: Vec::new(), total: 0 }
}

#[client]
fn a_users() -> Page<User> {
    page()
}

#[client]
fn b_orders() -> Page<Order> {
    page()
}

#[client]
fn c_pages() -> Page<Page<User>> {
    page()
}

#[client]
fn d_texts() -> Page<Option<String>> {
    page()
}

#[client]
fn e_user_tree(value: User) -> Tree<User> {
    Tree { value, children: Vec::new() }
}

#[client]
fn f_tree_of_trees() -> Option<Tree<Tree<u8>>> {
    None
}

#[client]
fn g_named() -> Option<(Named<User>, Named<u8>)> {
    None
}

#[client]
fn h_save(users: Page<User>, orders: Page<Order>) {
    drop((users, orders));
}

mod first {
    use super::*;

    #[derive(Serialize, JsonSchema)]
    pub(super) struct Row {
        a: i64,
        shared: bool,
    }

    #[derive(Serialize, JsonSchema)]
    pub(super) enum State {
        Open,
        Closed,
    }

    #[client]
    pub(super) fn first_row() -> Option<(Row, State, super::second::Limit)> {
        let _ = (State::Open, State::Closed);
        None
    }

    #[derive(Serialize, JsonSchema)]
    pub(super) struct Limit(#[schemars(range(max = 5))] u8);
}

mod second {
    use super::*;

    #[derive(Serialize, JsonSchema)]
    pub(super) struct Row {
        b: String,
        shared: bool,
    }

    #[derive(Serialize, JsonSchema)]
    pub(super) enum State {
        Open,
        Paid,
    }

    #[derive(Serialize, JsonSchema)]
    pub(super) struct Limit(#[schemars(range(max = 7))] u8);

    #[client]
    pub(super) fn second_row() -> Option<(Row, State, super::first::Limit)> {
        let _ = (State::Open, State::Paid);
        None
    }
}

fn defs(functions: Vec<Function>) -> Value {
    json!(Builder::empty().functions(functions).build().unwrap().document().defs)
}

fn names(functions: Vec<Function>) -> Vec<String> {
    defs(functions).as_object().unwrap().keys().cloned().collect()
}

#[test]
fn instances_of_a_generic_type_have_names_of_their_own() {
    let all = functions![a_users, b_orders, c_pages, d_texts];
    let expected =
        ["Order", "PageOfOptionalString", "PageOfOrder", "PageOfPageOfUser", "PageOfUser", "User"];
    assert_eq!(names(all.clone()), expected);
    let defs = defs(all);
    assert_eq!(
        defs["PageOfOrder"]["properties"]["items"]["items"],
        json!({"$ref": "#/$defs/Order"})
    );
    assert_eq!(
        defs["PageOfPageOfUser"]["properties"]["items"]["items"],
        json!({"$ref": "#/$defs/PageOfUser"}),
    );
}

#[test]
fn one_instance_keeps_the_name_of_the_type() {
    assert_eq!(names(functions![a_users]), ["Page", "User"]);
}

#[test]
fn what_is_read_differs_only_where_it_must() {
    let all = functions![a_users, b_orders, h_save];
    let expected = ["Order", "OrderInput", "PageOfOrder", "PageOfOrderInput", "PageOfUser", "User"];
    assert_eq!(names(all), expected);
    // The instances that are read alone are distinguished too.
    assert_eq!(names(functions![a_users, h_save]), ["Order", "PageOfOrder", "PageOfUser", "User"],);
}

#[test]
fn recursive_instances_have_names_of_their_own() {
    let all = functions![e_user_tree, f_tree_of_trees];
    assert_eq!(names(all.clone()), ["TreeOfTreeOfUint8", "TreeOfUint8", "TreeOfUser", "User"]);
    let children = &defs(all)["TreeOfTreeOfUint8"]["properties"]["children"]["items"];
    assert_eq!(*children, json!({"$ref": "#/$defs/TreeOfTreeOfUint8"}));
}

#[test]
fn a_name_by_schemars_wins() {
    assert_eq!(names(functions![g_named]), ["OrdersOfUser", "OrdersOfuint8", "User"]);
}

#[test]
fn types_of_one_name_in_two_modules_are_told_apart() {
    let all = functions![first::first_row, second::second_row];
    let names = names(all.clone());
    assert_eq!(names[2..], ["RowWithA", "RowWithB", "StateWithClosed", "StateWithPaid"]);
    // No words tell two limits apart: the digest of the structure does, and it never changes.
    assert_eq!(names[..2], ["Limit_701478a0", "Limit_ef860e66"]);
    let reversed: Vec<Function> = all.into_iter().rev().collect();
    assert_eq!(self::names(reversed), names);
}

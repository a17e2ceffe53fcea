//! Functions and arguments whose names are words of Rust or TypeScript, called over HTTP through the
//! generated client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use mizan_core::{Builder, Context, Mizan, client, functions};
use mizan_types::through_the_client;

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
    let said = through_the_client("reserved-names", registry, MAIN);
    assert_eq!(
        said.trim(),
        r#"["text 7",4,"deleted a [1, 2]",true,"imported","b -1","delete","new"]"#
    );
}

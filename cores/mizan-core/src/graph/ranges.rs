//! Lists that grow: a member with a range is alone in its context, gives a page, and has keys that fit a cursor.

use serde_json::Value;

use super::plan::ContextNode;
use super::report::Report;
use super::schemas::SchemaBook;
use crate::error::BuildProblems;
use crate::function::Function;
use crate::range::{CURSOR_FORMAT, MAX_CURSOR, characters};

/// Mistakes of lists.
pub(super) fn ranges(
    functions: &[Function],
    contexts: &[ContextNode],
    schemas: &SchemaBook,
    report: &mut BuildProblems,
) {
    for (function, result) in functions.iter().zip(&schemas.results) {
        let Some(bytes) = function.range else { continue };
        let name = &function.name;
        if !result.as_ref().is_some_and(is_page) {
            report.report(
                format!("`{name}` has a `Range` and does not return a page"),
                &[function],
                "return `Result<Page<T>>`: `Ok(range.page(rows, |row| key))`",
            );
        }
        if characters(bytes) > MAX_CURSOR {
            report.report(
                format!(
                    "a cursor of `{name}` may have {} characters, and {MAX_CURSOR} is the most",
                    characters(bytes)
                ),
                &[function],
                "declare the texts of its key shorter, like `Text<20>` in place of `String`, or take fewer parts",
            );
        }
    }
    for context in contexts {
        let all: Vec<&Function> =
            context.all().into_iter().map(|id| &functions[id.index()]).collect();
        if let Some(list) = all.iter().find(|function| function.range.is_some())
            && all.len() > 1
        {
            report.report(
                format!(
                    "`{}` has a `Range` and is not alone in context `{}`",
                    list.name, context.name
                ),
                &all,
                "each page is an entry of the context, and would read the other members again: give the list a \
                 context of its own, and name it in `affects` where the other one is",
            );
        }
    }
}

fn is_page(schema: &Value) -> bool {
    let of = |name: &str| schema.pointer(&format!("/properties/{name}"));
    let format = of("next").and_then(|next| next.get("format")).and_then(Value::as_str);
    of("items").is_some() && format == Some(CURSOR_FORMAT)
}

//! Calls that belong to no context: every shape of argument and result.

use mizan_core::client;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was said.
#[derive(Serialize, JsonSchema)]
pub(super) struct Echo {
    message: String,
}

/// Repeats its argument.
#[client]
pub(super) async fn echo(text: String) -> Echo {
    Echo { message: text }
}

/// Adds two numbers.
#[client]
pub(super) async fn add(a: i64, #[default = 1] b: i64) -> mizan_core::Result<i64> {
    a.checked_add(b).ok_or_else(|| mizan_core::Error::field("a", "the sum is out of range"))
}

/// Takes nothing.
#[client]
pub(super) async fn no_args() -> String {
    "ok".into()
}

/// Counts tags.
#[client(name = "tags")]
pub(super) async fn count_tags(tags: Vec<String>) -> usize {
    tags.len()
}

/// An object with an object in it.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Outer {
    #[expect(dead_code, reason = "read by serde, and part of the schema")]
    a: i64,
    b: Inner,
}

/// The object in an object.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Inner {
    c: String,
}

/// Says what stands deep in its argument.
#[client]
pub(super) async fn nested(body: Outer) -> String {
    body.b.c
}

/// Says whether it is on.
#[client]
pub(super) async fn flag(on: bool) -> bool {
    on
}

/// Says a number with a fraction.
#[client]
pub(super) async fn ratio(x: f64) -> f64 {
    x
}

/// What may be absent.
#[derive(Serialize, JsonSchema)]
pub(super) struct Maybe {
    x: Option<i64>,
}

/// Says a number that may be absent.
#[client]
pub(super) async fn opt(x: Option<i64>) -> Maybe {
    Maybe { x }
}

/// Takes several arguments, all required.
#[client]
pub(super) async fn many(a: i64, b: i64, c: String) -> String {
    let _ = (a, b, c);
    "ok".into()
}

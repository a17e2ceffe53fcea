#![allow(unused)]

use mizan_core::client;
use schemars::JsonSchema;

#[derive(JsonSchema)]
struct Price(i64);

#[client]
fn get() -> Price {
    Price(1)
}

fn main() {}

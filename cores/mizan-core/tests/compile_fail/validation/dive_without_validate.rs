#![allow(unused)]

use mizan_core::client;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Order {
    count: i64,
}

#[client]
fn place(#[garde(dive)] order: Order) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[default = "first"] number: i64) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[default = FIRST] number: i64) {}

fn main() {}

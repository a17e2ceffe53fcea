#![allow(unused)]

use mizan_core::client;

#[client]
fn page(size: i64, #[default = size] number: i64) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[default = 1] #[default = 2] number: i64) {}

fn main() {}

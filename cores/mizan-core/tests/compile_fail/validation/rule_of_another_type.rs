#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[garde(length(max = 3))] number: i64) {}

fn main() {}

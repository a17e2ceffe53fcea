#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[default] number: i64) {}

fn main() {}

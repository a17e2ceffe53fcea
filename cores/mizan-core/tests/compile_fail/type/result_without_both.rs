#![allow(unused)]

use mizan_core::client;

struct Price(i64);

#[client]
fn get() -> Option<Price> {
    None
}

fn main() {}

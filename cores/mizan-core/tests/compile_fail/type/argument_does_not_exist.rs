#![allow(unused)]

use mizan_core::client;

#[client]
fn set(price: Price) {}

fn main() {}

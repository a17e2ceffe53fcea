#![allow(unused)]

use mizan_core::client;

#[client(merge = CartContext)]
fn add() {}

fn main() {}

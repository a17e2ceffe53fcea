#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[default = 300] number: u8) {}

fn main() {}

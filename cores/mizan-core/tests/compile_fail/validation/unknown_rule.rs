#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[garde(longer(than = 3))] title: String) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client]
fn page(#[default = 1] title: String) {}

fn main() {}

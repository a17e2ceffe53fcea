#![allow(unused)]

use mizan_core::{State, client};

#[client]
fn page(#[default = 1] db: State<u8>) {}

fn main() {}

#![allow(unused)]

use mizan_core::{State, client};

#[client]
fn page(#[garde(skip)] db: State<u8>) {}

fn main() {}

#![allow(unused)]

use std::cell::Cell;

use mizan_core::{State, client};

#[client]
fn count(hits: State<Cell<u8>>) {}

fn main() {}

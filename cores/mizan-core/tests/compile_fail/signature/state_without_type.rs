#![allow(unused)]

use mizan_core::{State, client};

#[client]
fn count(db: State) {}

fn main() {}

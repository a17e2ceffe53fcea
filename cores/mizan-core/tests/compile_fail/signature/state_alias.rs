#![allow(unused)]

use mizan_core::{State, client};

type Db = State<u8>;

#[client]
fn count(db: Db) {}

fn main() {}

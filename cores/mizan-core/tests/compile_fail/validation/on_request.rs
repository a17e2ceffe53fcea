#![allow(unused)]

use mizan_core::{Request, client};

#[client]
fn page(#[garde(skip)] request: &Request) {}

fn main() {}

#![allow(unused)]

use mizan_core::{Request, client};

#[client]
fn page(#[default = 1] request: &Request) {}

fn main() {}

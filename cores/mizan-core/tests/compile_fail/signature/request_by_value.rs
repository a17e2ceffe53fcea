#![allow(unused)]

use mizan_core::{Request, client};

#[client]
fn rename(request: Request) {}

fn main() {}

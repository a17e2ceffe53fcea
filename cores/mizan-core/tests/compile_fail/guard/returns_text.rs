#![allow(unused)]

use mizan_core::{Request, client};

fn allowed(_: &Request) -> String {
    String::new()
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

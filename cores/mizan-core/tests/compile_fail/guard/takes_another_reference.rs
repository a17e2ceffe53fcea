#![allow(unused)]

use mizan_core::client;

fn allowed(_: &str) -> bool {
    true
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

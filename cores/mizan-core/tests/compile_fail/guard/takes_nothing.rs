#![allow(unused)]

use mizan_core::client;

fn allowed() -> bool {
    true
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

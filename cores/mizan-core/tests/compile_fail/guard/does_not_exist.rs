#![allow(unused)]

use mizan_core::client;

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client]
fn get() -> Price {
    todo!()
}

fn main() {}

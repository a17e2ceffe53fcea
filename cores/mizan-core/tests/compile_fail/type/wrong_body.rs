#![allow(unused)]

use mizan_core::client;

#[client]
async fn get() -> i64 {
    "one"
}

fn main() {}

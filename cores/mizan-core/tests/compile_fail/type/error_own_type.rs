#![allow(unused)]

use mizan_core::client;

struct Missing;

#[client]
async fn get() -> Result<i64, Missing> {
    Err(Missing)
}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client]
fn get() -> Result<i64, String> {
    Ok(1)
}

fn main() {}

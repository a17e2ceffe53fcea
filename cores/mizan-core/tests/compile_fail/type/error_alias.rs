#![allow(unused)]

use mizan_core::client;

type Answer<T> = Result<T, String>;

#[client]
fn get() -> Answer<i64> {
    Ok(1)
}

fn main() {}

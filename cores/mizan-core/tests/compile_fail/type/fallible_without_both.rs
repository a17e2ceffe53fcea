#![allow(unused)]

use mizan_core::{Result, client};

struct Price(i64);

#[client]
fn get() -> Result<Price> {
    Ok(Price(1))
}

fn main() {}

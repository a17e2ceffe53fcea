#![allow(unused)]

use mizan_core::{Result, client};
use serde::Serialize;

#[derive(Serialize)]
struct Price(i64);

#[client]
async fn get() -> Result<Price> {
    Ok(Price(1))
}

fn main() {}

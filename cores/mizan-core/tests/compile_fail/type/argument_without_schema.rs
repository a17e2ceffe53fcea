#![allow(unused)]

use mizan_core::client;
use serde::Deserialize;

#[derive(Deserialize)]
struct Price(i64);

#[client]
fn set(price: Price) {}

fn main() {}

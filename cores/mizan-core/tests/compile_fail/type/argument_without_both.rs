#![allow(unused)]

use mizan_core::client;

struct Price(i64);

#[client]
async fn set(price: Price) {}

fn main() {}

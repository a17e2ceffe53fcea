#![allow(unused)]

use mizan_core::client;

struct Price(i64);
struct Size(i64);

#[client]
fn set(price: Price, size: Size) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

struct Price(i64);

#[client]
fn set(prices: Vec<Price>) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client(route = "/", pages = listing)]
fn page() {}

fn main() {}

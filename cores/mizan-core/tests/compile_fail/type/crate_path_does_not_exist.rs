#![allow(unused)]

use mizan_core::client;

#[client(crate = web::mizan)]
fn page() {}

fn main() {}

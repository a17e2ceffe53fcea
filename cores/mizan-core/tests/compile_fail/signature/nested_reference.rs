#![allow(unused)]

use mizan_core::client;

#[client]
fn rename(name: Option<&str>) {}

fn main() {}

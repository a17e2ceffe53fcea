#![allow(unused)]

use mizan_core::client;

#[client]
fn rename(name String) {}

fn main() {}

#![allow(unused)]

use mizan_core::client;

#[client(affects = user_profile)]
fn rename() {}

fn main() {}

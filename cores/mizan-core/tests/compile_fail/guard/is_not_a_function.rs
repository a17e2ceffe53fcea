#![allow(unused, non_upper_case_globals)]

use mizan_core::client;

const allowed: bool = true;

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

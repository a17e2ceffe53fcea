#![allow(unused)]

use mizan_core::{UserRequest, client};

fn allowed(_: &UserRequest) {}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

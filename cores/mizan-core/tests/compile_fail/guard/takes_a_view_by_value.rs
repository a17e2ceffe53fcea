#![allow(unused)]

use mizan_core::{UserRequest, client};

fn allowed(_: UserRequest) -> bool {
    true
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

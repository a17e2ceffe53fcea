#![allow(unused)]

use mizan_core::client;

fn allowed(user_id: i64) -> bool {
    user_id == 1
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

#![allow(unused)]

use mizan_core::{UserRequest, client};

fn allowed(_: &UserRequest, user_id: i64) -> bool {
    user_id == 1
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

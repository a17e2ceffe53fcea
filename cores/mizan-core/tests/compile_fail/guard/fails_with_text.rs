#![allow(unused)]

use mizan_core::{UserRequest, client};

fn allowed(_: &UserRequest) -> Result<bool, String> {
    Ok(true)
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

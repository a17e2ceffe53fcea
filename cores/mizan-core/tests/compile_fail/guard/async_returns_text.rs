#![allow(unused)]

use mizan_core::{UserRequest, client};

async fn allowed(_: &UserRequest) -> String {
    String::new()
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

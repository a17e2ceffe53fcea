#![allow(unused)]

use std::rc::Rc;

use mizan_core::{UserRequest, client};

async fn tick() {}

async fn allowed(_: &UserRequest) -> bool {
    let yes = Rc::new(true);
    tick().await;
    *yes
}

#[client(auth = allowed)]
fn sweep() {}

fn main() {}

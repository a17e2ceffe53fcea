#![allow(unused)]

use std::rc::Rc;

use mizan_core::client;

async fn tick() {}

#[client]
async fn count() -> i64 {
    let one = Rc::new(1);
    tick().await;
    *one
}

fn main() {}

#![allow(unused)]
use mizan_core::{RawRequest, client};

#[client(idempotent)]
async fn pay(request: &RawRequest, order_id: i64) {}

fn main() {}

#![allow(unused)]
use mizan_core::{Result, View, client};

#[client(idempotent)]
async fn pay(order_id: i64) -> Result<View> {
    Ok(View::html("paid"))
}

fn main() {}

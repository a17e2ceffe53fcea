#![allow(unused)]
use mizan_core::{View, client};

#[client(webhook = "bank", private, route = "/bank/paid/")]
async fn bank_paid(order_id: i64) -> View {
    View::empty(204)
}

fn main() {}

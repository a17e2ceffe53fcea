#![allow(unused)]
use mizan_core::{View, client};

struct Bank;

#[client(webhook = Bank, private, route = "/bank/paid/")]
async fn bank_paid(order_id: i64) -> View {
    View::empty(204)
}

fn main() {}

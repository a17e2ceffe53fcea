use mizan_core::client;

#[client(idempotent, detach)]
async fn pay(order_id: i64) {}

fn main() {}

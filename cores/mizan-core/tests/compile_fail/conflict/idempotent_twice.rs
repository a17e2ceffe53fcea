use mizan_core::client;

#[client(idempotent, idempotent)]
async fn pay(order_id: i64) {}

fn main() {}

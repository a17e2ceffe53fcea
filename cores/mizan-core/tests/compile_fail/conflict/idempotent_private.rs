use mizan_core::client;

#[client(private, idempotent)]
async fn pay(order_id: i64) {}

fn main() {}

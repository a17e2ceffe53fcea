use mizan_core::client;

#[client(websocket, idempotent)]
async fn pay(order_id: i64) {}

fn main() {}

use mizan_core::client;

#[client(affects = "cart", key = "id")]
fn add() {}

fn main() {}

use mizan_core::client;

#[client(route = "/<name>/")]
fn profile(user_id: i64, name: &str) {}

fn main() {}

use mizan_core::client;

#[client(route = "/profile/<id>/")]
fn profile(user_id: i64) {}

fn main() {}

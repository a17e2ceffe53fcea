use mizan_core::client;

#[client(affects = "user", scope = [user_id = id])]
fn profile(user_id: i64) {}

fn main() {}

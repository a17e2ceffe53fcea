use mizan_core::client;

#[client(route = "profile/")]
fn profile(user_id: i64) {}

fn main() {}

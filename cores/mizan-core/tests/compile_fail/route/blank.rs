use mizan_core::client;

#[client(route = "/my profile/")]
fn profile(user_id: i64) {}

fn main() {}

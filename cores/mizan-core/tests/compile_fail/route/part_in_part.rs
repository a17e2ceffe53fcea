use mizan_core::client;

#[client(route = "/profile-<user_id>/")]
fn profile(user_id: i64) {}

fn main() {}

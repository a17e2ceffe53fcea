use mizan_core::client;

#[client(route = "/profile/", methods = ["get"])]
fn profile(user_id: i64) {}

fn main() {}

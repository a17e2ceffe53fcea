use mizan_core::client;

#[client(route = "/profile/", methods = ["GET", "LOOK"])]
fn profile(user_id: i64) {}

fn main() {}

use mizan_core::client;

#[client(affects = "user", scope = "user_id")]
fn rename() {}

fn main() {}

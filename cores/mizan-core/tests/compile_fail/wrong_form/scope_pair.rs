use mizan_core::client;

#[client(affects = "user", scope = [user_id = 5])]
fn rename() {}

fn main() {}

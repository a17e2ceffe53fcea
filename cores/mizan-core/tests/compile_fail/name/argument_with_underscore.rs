use mizan_core::client;

#[client]
fn rename(_user_id: i64) {}

fn main() {}

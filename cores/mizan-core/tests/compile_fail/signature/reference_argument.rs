use mizan_core::client;

#[client]
fn rename(user_id: i64, name: &str) {}

fn main() {}

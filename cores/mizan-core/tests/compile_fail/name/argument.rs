use mizan_core::client;

#[client]
#[allow(non_snake_case)]
fn rename(userId: i64) {}

fn main() {}

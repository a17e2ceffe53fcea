use mizan_core::client;

#[client]
fn rename(_: i64) {}

fn main() {}

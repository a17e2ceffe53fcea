use mizan_core::client;

#[client]
const LIMIT: i64 = 5;

fn main() {}

use mizan_core::client;

#[client]
fn sum(values: Vec<impl Into<i64>>) {}

fn main() {}

use mizan_core::client;

#[client]
fn sum(values: &[i64]) {}

fn main() {}

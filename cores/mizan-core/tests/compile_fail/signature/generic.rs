use mizan_core::client;

#[client]
fn rename<T>(value: T) {}

fn main() {}

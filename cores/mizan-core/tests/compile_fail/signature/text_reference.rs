use mizan_core::client;

#[client]
fn rename(name: &str) {}

fn main() {}

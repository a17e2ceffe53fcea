use mizan_core::client;

#[client]
fn rename(name: impl Into<String>) {}

fn main() {}

use mizan_core::client;

#[client(affects = 5)]
fn rename() {}

fn main() {}

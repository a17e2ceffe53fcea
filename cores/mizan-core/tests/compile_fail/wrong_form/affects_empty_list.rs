use mizan_core::client;

#[client(affects = [])]
fn rename() {}

fn main() {}

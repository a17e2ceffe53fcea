use mizan_core::client;

#[client(limit = 5, name = 5)]
fn rename() {}

fn main() {}

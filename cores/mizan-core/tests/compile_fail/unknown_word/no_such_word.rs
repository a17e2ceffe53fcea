use mizan_core::client;

#[client(timeout = 5)]
fn rename() {}

fn main() {}

use mizan_core::client;

#[client(auth = 1)]
fn rename() {}

fn main() {}

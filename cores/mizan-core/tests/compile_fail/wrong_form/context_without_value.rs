use mizan_core::client;

#[client(context)]
fn rename() {}

fn main() {}

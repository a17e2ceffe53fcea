use mizan_core::client;

#[client(scope = none)]
fn add() {}

fn main() {}

use mizan_core::client;

#[client(rev = 2)]
fn add() {}

fn main() {}

use mizan_core::client;

#[client(cache = 60)]
fn add() {}

fn main() {}

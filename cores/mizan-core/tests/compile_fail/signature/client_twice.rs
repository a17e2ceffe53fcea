use mizan_core::client;

#[client]
#[client(private)]
fn sweep() {}

fn main() {}

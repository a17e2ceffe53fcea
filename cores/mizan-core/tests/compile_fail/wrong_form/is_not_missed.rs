use mizan_core::client;

#[client(context = 5, rev = 2)]
fn rename() {}

fn main() {}

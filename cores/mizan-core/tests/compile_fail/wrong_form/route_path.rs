use mizan_core::client;

#[client(route = page)]
fn rename() {}

fn main() {}

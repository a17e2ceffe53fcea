use mizan_core::client;

#[client(private = true)]
fn rename() {}

fn main() {}

use mizan_core::client;

#[client(private())]
fn rename() {}

fn main() {}

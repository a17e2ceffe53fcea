use mizan_core::client;

#[client(context = "user", rev = 4294967296)]
fn rename() {}

fn main() {}

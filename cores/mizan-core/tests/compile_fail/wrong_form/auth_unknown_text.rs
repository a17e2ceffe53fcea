use mizan_core::client;

#[client(auth = "admin")]
fn rename() {}

fn main() {}

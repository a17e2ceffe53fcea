use mizan_core::client;

#[client(affects = ["user", cart()])]
fn rename() {}

fn main() {}

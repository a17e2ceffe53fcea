use mizan_core::client;

#[client(retries = 5)]
fn rename() {}

fn main() {}

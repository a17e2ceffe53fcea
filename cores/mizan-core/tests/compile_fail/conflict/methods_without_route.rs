use mizan_core::client;

#[client(methods = ["GET"])]
fn page() {}

fn main() {}

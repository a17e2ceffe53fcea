use mizan_core::client;

#[client(route = "/", methods = [GET])]
fn rename() {}

fn main() {}

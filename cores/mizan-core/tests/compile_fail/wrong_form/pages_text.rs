use mizan_core::client;

#[client(route = "/", pages = "listing")]
fn rename() {}

fn main() {}

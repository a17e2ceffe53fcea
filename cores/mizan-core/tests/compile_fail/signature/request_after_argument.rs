use mizan_core::{Request, client};

#[client]
fn rename(name: String, request: &Request) {}

fn main() {}

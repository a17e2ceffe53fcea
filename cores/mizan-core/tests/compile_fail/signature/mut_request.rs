use mizan_core::{Request, client};

#[client]
fn rename(request: &mut Request) {}

fn main() {}

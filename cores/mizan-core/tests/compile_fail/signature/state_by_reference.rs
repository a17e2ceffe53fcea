use mizan_core::{Request, State, client};

#[client]
fn rename(request: &Request, db: &State<u8>) {}

fn main() {}

use mizan_core::{State, client};

#[client]
fn rename(name: String, db: State<u8>) {}

fn main() {}

use mizan_core::client;

#[client(merge = 1)]
fn rename() {}

fn main() {}

use mizan_core::client;

#[client(merge = "cart", key = id)]
fn rename() {}

fn main() {}

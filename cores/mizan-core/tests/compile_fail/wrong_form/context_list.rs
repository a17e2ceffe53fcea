use mizan_core::client;

#[client(context = ["user", "cart"])]
fn rename() {}

fn main() {}

use mizan_core::client;

#[client(context = "user", cache = true)]
fn rename() {}

fn main() {}

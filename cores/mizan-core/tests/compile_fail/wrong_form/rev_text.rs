use mizan_core::client;

#[client(context = "user", rev = "2")]
fn rename() {}

fn main() {}

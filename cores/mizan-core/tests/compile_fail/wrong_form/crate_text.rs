use mizan_core::client;

#[client(crate = "mizan")]
fn rename() {}

fn main() {}

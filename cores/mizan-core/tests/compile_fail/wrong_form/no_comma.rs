use mizan_core::client;

#[client(private auth)]
fn rename() {}

fn main() {}

use mizan_core::client;

#[client]
fn profile() -> impl Clone {}

fn main() {}

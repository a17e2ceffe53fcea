use mizan_core::client;

#[client(context("user"))]
fn rename() {}

fn main() {}

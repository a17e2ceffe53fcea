use mizan_core::client;

#[client]
#[allow(non_snake_case)]
fn userProfile() {}

fn main() {}

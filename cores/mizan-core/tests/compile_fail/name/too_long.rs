use mizan_core::client;

#[client(name = "a2345678901234567890123456789012345678901234567890123456789012345")]
fn user_profile() {}

fn main() {}

use mizan_core::client;

#[client(name = "user-profile")]
fn user_profile() {}

fn main() {}

use mizan_core::client;

#[client(contxt = "user", rev = 2)]
fn user_profile() {}

fn main() {}

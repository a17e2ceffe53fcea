use mizan_core::client;

#[client(context = UserContext)]
fn user_profile() {}

fn main() {}

use mizan_core::client;

fn user() {}

#[client(context = user)]
fn user_profile() {}

fn main() {}

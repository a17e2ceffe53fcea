use mizan_core::client;

struct NotAContext;

#[client(context = NotAContext)]
fn user_profile() {}

fn main() {}

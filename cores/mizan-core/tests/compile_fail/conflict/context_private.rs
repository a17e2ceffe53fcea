use mizan_core::{Context, client};

#[derive(Context)]
struct UserContext;

#[client(context = UserContext, private)]
fn user_profile() {}

fn main() {}

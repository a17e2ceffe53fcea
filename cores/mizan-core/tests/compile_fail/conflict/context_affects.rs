use mizan_core::{Context, client};

#[derive(Context)]
struct UserContext;

#[client(context = UserContext, affects = UserContext)]
fn update_profile() {}

fn main() {}

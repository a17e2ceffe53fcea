use mizan_core::{Context, client};

#[derive(Context)]
struct UserContext;

#[client(merge = UserContext, context = UserContext)]
fn update_profile() {}

fn main() {}

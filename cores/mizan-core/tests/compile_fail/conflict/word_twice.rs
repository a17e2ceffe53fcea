use mizan_core::{Context, client};

#[derive(Context)]
struct UserContext;

#[client(affects = UserContext, affects = "cart")]
fn rename() {}

fn main() {}

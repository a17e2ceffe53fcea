use mizan_core::{Context, client};

#[derive(Context)]
struct UserContext;

#[client(afects = UserContext)]
fn rename() {}

fn main() {}

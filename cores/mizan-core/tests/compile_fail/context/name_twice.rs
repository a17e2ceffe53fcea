use mizan_core::Context;

#[derive(Context)]
#[context(name = "user", name = "users")]
struct UserContext;

fn main() {}

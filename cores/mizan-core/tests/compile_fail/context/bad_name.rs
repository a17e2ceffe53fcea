use mizan_core::Context;

#[derive(Context)]
#[context(name = "User")]
struct UserContext;

fn main() {}

use mizan_core::Context;

#[derive(Context)]
#[context(name = 5)]
struct UserContext;

fn main() {}

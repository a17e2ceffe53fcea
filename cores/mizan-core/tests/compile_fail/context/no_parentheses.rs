use mizan_core::Context;

#[derive(Context)]
#[context]
struct UserContext;

fn main() {}

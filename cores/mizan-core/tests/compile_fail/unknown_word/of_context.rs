use mizan_core::Context;

#[derive(Context)]
#[context(nmae = "user")]
struct UserContext;

fn main() {}

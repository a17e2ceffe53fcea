use mizan_core::Context;

#[derive(Context)]
struct UserContext(i64);

fn main() {}

use mizan_core::Context;

#[derive(Context)]
struct UserContext<const N: usize>;

fn main() {}

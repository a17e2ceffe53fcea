use mizan_core::Context;

#[derive(Context)]
struct UserContext {
    id: i64,
}

fn main() {}

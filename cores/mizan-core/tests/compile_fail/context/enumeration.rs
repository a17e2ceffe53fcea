use mizan_core::Context;

#[derive(Context)]
enum UserContext {
    One,
}

fn main() {}

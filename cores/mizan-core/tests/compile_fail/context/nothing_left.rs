#[derive(mizan_core::Context)]
struct Context;

fn main() {}

use mizan_core::Context;

#[derive(Context)]
struct ÄpfelContext;

fn main() {}

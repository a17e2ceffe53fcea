use mizan_core::client;

#[client]
fn profile() -> &'static str {
    ""
}

fn main() {}

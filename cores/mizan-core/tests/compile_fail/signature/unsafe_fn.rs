use mizan_core::client;

#[client]
unsafe fn rename() {}

fn main() {}

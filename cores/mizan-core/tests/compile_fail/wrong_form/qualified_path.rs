use mizan_core::client;

#[client(affects = <u8 as Into<u8>>::into)]
fn rename() {}

fn main() {}

use mizan_core::client;

#[client(name = rename_user)]
fn rename() {}

fn main() {}

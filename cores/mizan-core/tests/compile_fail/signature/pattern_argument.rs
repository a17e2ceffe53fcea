use mizan_core::client;

#[client]
fn move_to((x, y): (i64, i64)) {}

fn main() {}

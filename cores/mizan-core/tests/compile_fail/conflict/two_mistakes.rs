use mizan_core::client;

#[client(rev = 2, privat)]
fn rename(name: &str, (x, y): (i64, i64)) {}

fn main() {}

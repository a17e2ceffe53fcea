use mizan_core::client;

#[client]
struct Profile;

fn main() {}

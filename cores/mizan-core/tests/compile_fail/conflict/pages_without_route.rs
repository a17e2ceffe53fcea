use mizan_core::client;

fn listing() {}

#[client(pages = listing)]
fn page() {}

fn main() {}

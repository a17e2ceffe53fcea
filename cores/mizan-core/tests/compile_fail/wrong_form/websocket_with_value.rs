use mizan_core::client;

#[client(websocket = "yes")]
fn rename() {}

fn main() {}

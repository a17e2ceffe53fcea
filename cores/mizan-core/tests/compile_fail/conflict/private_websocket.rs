use mizan_core::client;

#[client(private, websocket)]
fn sweep() {}

fn main() {}

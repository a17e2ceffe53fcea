use mizan_core::client;

#[client(rate = "5/minute")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

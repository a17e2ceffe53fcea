use mizan_core::client;

#[client(timeout = "0s")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

use mizan_core::client;

#[client(timeout = 5)]
fn add(name: String) {
    let _ = name;
}

fn main() {}

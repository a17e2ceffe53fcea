use mizan_core::client;

#[client(rate = [])]
fn add(name: String) {
    let _ = name;
}

fn main() {}

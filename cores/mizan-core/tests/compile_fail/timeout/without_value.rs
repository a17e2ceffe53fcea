use mizan_core::client;

#[client(timeout)]
fn add(name: String) {
    let _ = name;
}

fn main() {}

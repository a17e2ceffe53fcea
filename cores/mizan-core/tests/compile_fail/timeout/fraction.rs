use mizan_core::client;

#[client(timeout = "1.5s")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

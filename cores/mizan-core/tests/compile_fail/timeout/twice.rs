use mizan_core::client;

#[client(timeout = "5s", timeout = "6s")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

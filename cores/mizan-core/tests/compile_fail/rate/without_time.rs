use mizan_core::client;

#[client(rate = "5")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

use mizan_core::client;

#[client(rate = ["5/min", 6])]
fn add(name: String) {
    let _ = name;
}

fn main() {}

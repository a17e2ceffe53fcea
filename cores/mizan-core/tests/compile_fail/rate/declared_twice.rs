use mizan_core::client;

#[client(rate = ["5/min", "5/min"])]
fn add(name: String) {
    let _ = name;
}

fn main() {}

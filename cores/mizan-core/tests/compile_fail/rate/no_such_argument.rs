use mizan_core::client;

#[client(rate = ["5/min", "10/5min by email"])]
fn add(name: String) {
    let _ = name;
}

fn main() {}

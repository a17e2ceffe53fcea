use mizan_core::client;

#[client(rate = "0/min")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

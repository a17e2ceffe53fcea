use mizan_core::client;

#[client(rate = "5/min by")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

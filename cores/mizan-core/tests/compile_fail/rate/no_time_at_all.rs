use mizan_core::client;

#[client(rate = "5/0min")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

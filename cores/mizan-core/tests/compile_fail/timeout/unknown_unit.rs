use mizan_core::client;

#[client(timeout = "5sec")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

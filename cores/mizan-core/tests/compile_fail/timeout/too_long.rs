use mizan_core::client;

#[client(timeout = "2h")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

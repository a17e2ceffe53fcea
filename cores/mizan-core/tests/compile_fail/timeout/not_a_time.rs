use mizan_core::client;

#[client(timeout = "soon")]
fn add(name: String) {
    let _ = name;
}

fn main() {}

use mizan_core::client;

#[client]
fn profile() -> Result<impl Clone, std::fmt::Error> {
    Ok(1)
}

fn main() {}

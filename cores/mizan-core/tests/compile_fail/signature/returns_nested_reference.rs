use mizan_core::{Result, UserRequest, client};

#[client]
async fn name(request: &UserRequest) -> Result<&str> {
    Ok(request.identity()?.subject())
}

fn main() {}

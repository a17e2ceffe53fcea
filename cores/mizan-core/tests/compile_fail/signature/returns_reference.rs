use mizan_core::{UserRequest, client};

#[client]
async fn name(request: &UserRequest) -> &str {
    request.user().map_or("", |user| user.subject())
}

fn main() {}

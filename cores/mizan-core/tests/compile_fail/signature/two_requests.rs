use mizan_core::{Request, UserRequest, client};

#[client]
fn rename(request: &Request, user: &UserRequest) {}

fn main() {}

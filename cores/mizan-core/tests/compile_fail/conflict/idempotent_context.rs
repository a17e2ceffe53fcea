#![allow(unused)]
use mizan_core::{Context, client};

#[derive(Context)]
struct UserContext;

#[client(context = UserContext, idempotent)]
async fn user(user_id: i64) -> i64 {
    user_id
}

fn main() {}

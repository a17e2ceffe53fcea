//! The application that the benches serve: a context of two members, and a mutation of it.

use mizan_core::{Context, Function, client, functions};
use schemars::JsonSchema;
use serde::Serialize;

/// The body of a mutation.
pub const CALL: &str = r#"{"fn":"update_profile","args":{"user_id":5,"name":"Ryth"}}"#;

/// The bundled read, as a request.
pub const READ: &str = "GET /api/mizan/ctx/user/?user_id=5 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";

/// The bundled reads of so many users, a request each.
pub fn reads(users: usize) -> Vec<String> {
    (1..=users).map(|user| READ.replace("user_id=5", &format!("user_id={user}"))).collect()
}

/// The same in one request.
pub fn batch(users: usize) -> String {
    let entries: Vec<_> = (1..=users).map(|user| format!("e=user%3Buser_id%3D{user}")).collect();
    READ.replace("user/?user_id=5", &format!("?{}", entries.join("&")))
}

/// The mutation, as a request.
pub fn call() -> String {
    post(CALL)
}

/// The mutation of a page that holds the bundle: the response brings it as a read would.
pub fn call_with_refresh() -> String {
    let mounted = r#","mounted":[{"context":"user","params":{"user_id":5}}]}"#;
    post(&format!("{}{mounted}", CALL.trim_end_matches('}').to_owned() + "}"))
}

fn post(body: &str) -> String {
    format!(
        "POST /api/mizan/call/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The functions below, by their descriptors.
pub fn functions() -> Vec<Function> {
    functions![user_profile, user_orders, update_profile]
}

/// Data of the example.
#[derive(Serialize, JsonSchema)]
pub struct Profile {
    id: i64,
    name: String,
    email: String,
}

/// Data of the example.
#[derive(Serialize, JsonSchema)]
pub struct Order {
    id: i64,
    total: i64,
}

/// Data of the example.
#[derive(Serialize, JsonSchema)]
pub struct Done {
    /// Whether the arguments were there.
    pub ok: bool,
}

/// What both sides answer with.
pub fn profile(user_id: i64) -> Profile {
    Profile { id: user_id, name: "Ryth".into(), email: "ryth@example.com".into() }
}

/// What both sides answer with.
pub fn orders(user_id: i64) -> Vec<Order> {
    vec![Order { id: user_id * 10, total: 100 }, Order { id: user_id * 10 + 1, total: 250 }]
}

#[derive(Context)]
struct UserContext;

#[client(context = UserContext)]
async fn user_profile(user_id: i64) -> Profile {
    profile(user_id)
}

#[client(context = UserContext)]
async fn user_orders(user_id: i64) -> Vec<Order> {
    orders(user_id)
}

#[client(affects = UserContext)]
async fn update_profile(user_id: i64, name: String) -> Done {
    Done { ok: user_id > 0 && !name.is_empty() }
}

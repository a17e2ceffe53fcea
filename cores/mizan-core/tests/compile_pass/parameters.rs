//! Requests and states.

use super::*;

#[client]
pub(super) fn takes_request(_: &Request) -> &'static str {
    "request"
}

#[client]
async fn takes_user(request: &UserRequest) -> Result<String> {
    Ok(request.identity()?.subject().to_owned())
}

#[client]
async fn takes_raw(request: &RawRequest) -> Option<String> {
    request.header("x-tea").map(ToOwned::to_owned)
}

type Caller = UserRequest;

#[client]
async fn takes_alias(request: &Caller) -> bool {
    request.user().is_some()
}

#[client]
async fn takes_states(
    request: &Request,
    greeting: State<Greeting>,
    same: mizan_core::State<Greeting>,
    limit: State<Limit>,
    extra: i64,
) -> String {
    let _ = request;
    format!("{} {} {}", greeting.0, same.0.len(), limit.0 + extra)
}

#[client]
fn takes_state_in_sync(greeting: State<Greeting>) -> String {
    greeting.0.to_owned()
}

#[tokio::test]
async fn requests_and_states() {
    check("takes_request", "{}", r#"200 {"result":"request"}"#).await;
    check("takes_raw", "{}", r#"200 {"result":null}"#).await;
    check("takes_states", r#"{"extra":2}"#, r#"200 {"result":"hello 5 42"}"#).await;
    check("takes_state_in_sync", "{}", r#"200 {"result":"hello"}"#).await;
    check("takes_alias", "{}", r#"200 {"result":false}"#).await;
    let as_user = call_as(&[("x-user", "007")], "takes_user", "{}").await;
    assert_eq!(as_user, r#"200 {"result":"007"}"#);
    let with_header = call_as(&[("x-tea", "green")], "takes_raw", "{}").await;
    assert_eq!(with_header, r#"200 {"result":"green"}"#);
}

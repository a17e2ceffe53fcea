//! Return types.

use super::*;
use std::result::Result as StdResult;

type Answer<T> = mizan_core::Result<T>;

#[client]
async fn of_alias() -> Answer<Profile> {
    Ok(Profile { id: 1, name: "Ryth".into() })
}

#[client]
async fn of_std_result() -> StdResult<i64, OutOfStock> {
    Err(OutOfStock)
}

#[client]
async fn of_io_result() -> std::io::Result<i64> {
    Ok(2)
}

#[client]
async fn of_plain_value() -> Profile {
    Profile { id: 3, name: "Ayu".into() }
}

#[client]
async fn of_static_text() -> &'static str {
    "plain"
}

#[client]
async fn of_nothing() {}

#[client]
async fn of_unit_result() -> Result<()> {
    Err(Error::not_found("no such thing"))
}

#[client]
async fn of_view() -> View {
    View::html("<p>hello</p>").with_status(201)
}

#[client]
fn of_fallible_view() -> Result<View> {
    Ok(View::redirect("/elsewhere/"))
}

#[client]
fn of_sync_function() -> Result<i64> {
    Ok(4)
}

#[tokio::test]
async fn return_types() {
    check("of_alias", "{}", r#"200 {"result":{"id":1,"name":"Ryth"}}"#).await;
    check("of_io_result", "{}", r#"200 {"result":2}"#).await;
    check("of_plain_value", "{}", r#"200 {"result":{"id":3,"name":"Ayu"}}"#).await;
    check("of_static_text", "{}", r#"200 {"result":"plain"}"#).await;
    check("of_nothing", "{}", r#"200 {"result":null}"#).await;
    check(
        "of_unit_result",
        "{}",
        r#"404 {"error":{"code":"NOT_FOUND","message":"no such thing"}}"#,
    )
    .await;
    check("of_view", "{}", "201 <p>hello</p>").await;
    check("of_fallible_view", "{}", "302 -> /elsewhere/").await;
    check("of_sync_function", "{}", r#"200 {"result":4}"#).await;
    let foreign = call_as(&[], "of_std_result", "{}").await;
    assert!(foreign.starts_with(r#"500 {"error":{"code":"INTERNAL_ERROR""#), "{foreign}");
}

//! Functions that fail, each in its own way.

use mizan_core::{Error, Result, client};
use serde_json::json;

/// Fails unexpectedly; the text stays on the server.
#[client]
pub(super) async fn boom() -> Result<String> {
    Err(Error::internal("the secret text of boom"))
}

/// Is not written yet.
#[client]
pub(super) async fn todo() -> Result<String> {
    Err(Error::not_implemented("later"))
}

/// Refuses.
#[client]
pub(super) async fn denied() -> Result<String> {
    Err(Error::forbidden("not yours"))
}

/// Does not find what it looks for.
#[client]
pub(super) async fn gone() -> Result<String> {
    Err(Error::not_found("no such row").with_details(json!({ "id": 7 })))
}

/// Finds a value wrong.
#[client]
pub(super) async fn invalid_body() -> Result<String> {
    Err(Error::validation("bad").with_details(json!({ "fields": { "x": ["no"] } })))
}

//! Requests that no one sends by accident: every one gets its error, and nothing else happens.

pub(crate) mod bodies;
mod broken;
mod foreign;
pub(crate) mod random;

use crate::client::{Client, Request};
use crate::server::Server;
use crate::vectors::Allowed;
use serde_json::json;

use crate::suite::support::{self, data, error};

pub(super) fn bad_request() -> Allowed {
    error(400, "BAD_REQUEST")
}

/// A member that is missing may be named itself, or by the object that it is missing in.
pub(super) fn missing_member() -> Allowed {
    let among = ["body.b", "body.b.c"].map(str::to_owned);
    Allowed { fields_among: Some(among.into()), ..error(422, "VALIDATION_ERROR") }
}

#[track_caller]
pub(super) fn check(
    client: &mut Client,
    title: &str,
    body: impl Into<Vec<u8>>,
    expected: &Allowed,
) {
    support::check(client, title, &Request::call(body), expected);
}

/// The server is there, and does what it did before.
#[track_caller]
pub(super) fn check_alive(server: &Server) {
    check(
        &mut server.client(),
        "alive",
        r#"{"fn":"echo","args":{"text":"a"}}"#,
        &data(json!({ "result": { "message": "a" } })),
    );
}

/// Adds the cases of every module.
pub(crate) fn cases(cases: &mut Vec<crate::case::Case>) {
    bodies::cases(cases);
    broken::cases(cases);
    foreign::cases(cases);
    random::cases(cases);
}

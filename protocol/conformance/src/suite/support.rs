//! Starting programs, and the one `check` of a response that every module goes through.

use std::collections::BTreeSet;

use crate::backend::{Application, Backend};
use crate::client::{Client, Request, Response};
use crate::server::Server;
use crate::vectors::Allowed;
use serde_json::Value;

pub(crate) const MOUNT: &str = "/api/mizan";
pub(crate) const JWT_PRIVATE_KEY: &str = "conformance jwt private key, 32 bytes and more";
pub(crate) const MWT_SECRET: &str = "conformance mwt secret, 32 bytes and more";

pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("JWT_PRIVATE_KEY", JWT_PRIVATE_KEY),
    ("MIZAN_MWT_SECRET", MWT_SECRET),
    ("MIZAN_CACHE_SECRET", "conformance cache secret, 32 bytes and more"),
];

/// The application of the vectors, running.
pub(crate) fn app(backend: &Backend) -> Server {
    let all = SETTINGS.to_vec();
    backend.reach(Application::Conformance, &all).unwrap()
}

/// The same with other settings.
pub(crate) fn app_with(backend: &Backend, settings: &[(&str, &str)]) -> Server {
    let all: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    backend.start(Application::Conformance, &all).unwrap()
}

/// Sends a request and judges the response.
#[track_caller]
pub(crate) fn check(
    client: &mut Client,
    title: &str,
    request: &Request,
    expected: &Allowed,
) -> Response {
    let answer = send(client, title, request);
    if let Err(fault) = judge(&answer, expected) {
        let request = sent(client, request);
        panic!("{title}: {fault}\n\n{}\n\n{request}", shown(&answer));
    }
    answer
}

/// Sends a request and judges what holds for every response.
#[track_caller]
pub(crate) fn send(client: &mut Client, title: &str, request: &Request) -> Response {
    let answer = client.send(request).unwrap_or_else(|error| {
        panic!("{title}: no response: {error}\n\n{}", sent(client, request));
    });
    if let Err(fault) = well_formed(&answer) {
        let request = sent(client, request);
        panic!("{title}: {fault}\n\n{}\n\n{request}", shown(&answer));
    }
    answer
}

fn sent(client: &Client, request: &Request) -> String {
    start(&String::from_utf8_lossy(&request.bytes(client.address())))
}

/// The start of a text that may be very long.
fn start(text: &str) -> String {
    text.chars().take(1_500).collect()
}

/// An error with this status and code.
pub(crate) fn error(status: u16, code: &str) -> Allowed {
    Allowed {
        status,
        code: Some(code.into()),
        absent: vec!["X-Mizan-Invalidate".into()],
        ..Allowed::default()
    }
}

/// A 422 that names exactly these fields.
pub(crate) fn fields<const N: usize>(names: [&str; N]) -> Allowed {
    Allowed { fields: Some(names.map(str::to_owned).into()), ..error(422, "VALIDATION_ERROR") }
}

/// A response with this body.
pub(crate) fn data(json: Value) -> Allowed {
    Allowed { status: 200, json: Some(json), ..Allowed::default() }
}

/// A read of a context, with a query.
pub(crate) fn context(name_and_query: &str) -> Request {
    Request::get(format!("{MOUNT}/ctx/{name_and_query}"))
}

/// A response, for a message.
pub(crate) fn shown(answer: &Response) -> String {
    start(&answer.seen())
}

/// What holds for every response below the mount point, whatever was asked.
pub(crate) fn well_formed(answer: &Response) -> Result<(), String> {
    for (name, wanted) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
        if answer.header(name) != Some(wanted) {
            return Err(format!("`{name}` is {:?}", answer.header(name)));
        }
    }
    let content_type = answer.header("content-type").unwrap_or_default();
    let json = match content_type {
        "application/json" => true,
        // The response of a view; no error of the protocol is one.
        "text/html; charset=utf-8" => false,
        other => return Err(format!("the content type is {other:?}")),
    };
    if json && !answer.body.is_empty() {
        let body = answer.json().ok_or("the body is not JSON")?;
        if answer.status >= 400 {
            envelope(&body, answer.status)?;
        }
    }
    Ok(())
}

/// The shape of every error, and the status that goes with its code.
fn envelope(body: &Value, status: u16) -> Result<(), String> {
    const CODES: &[(&str, u16)] = &[
        ("BAD_REQUEST", 400),
        ("UNAUTHORIZED", 401),
        ("FORBIDDEN", 403),
        ("NOT_FOUND", 404),
        ("METHOD_NOT_ALLOWED", 405),
        ("PAYLOAD_TOO_LARGE", 413),
        ("UNSUPPORTED_MEDIA_TYPE", 415),
        ("MISDIRECTED_REQUEST", 421),
        ("VALIDATION_ERROR", 422),
        ("TOO_MANY_REQUESTS", 429),
        ("INTERNAL_ERROR", 500),
        ("NOT_IMPLEMENTED", 501),
        ("UNAVAILABLE", 503),
    ];
    let outer = body.as_object().ok_or("the error is not an object")?;
    let strange =
        outer.keys().find(|name| !["error", "invalidate", "session"].contains(&name.as_str()));
    if let Some(name) = strange {
        return Err(format!("`{name}` is next to `error`"));
    }
    let error = body["error"].as_object().ok_or("`error` is not an object")?;
    let strange =
        error.keys().find(|name| !["code", "message", "details"].contains(&name.as_str()));
    if let Some(name) = strange {
        return Err(format!("`{name}` is in `error`"));
    }
    if error.get("message").and_then(Value::as_str).is_none() {
        return Err("the message is not a text".into());
    }
    let code = error.get("code").and_then(Value::as_str).unwrap_or("none");
    if CODES.contains(&(code, status)) {
        Ok(())
    } else {
        Err(format!("the code {code} does not go with {status}"))
    }
}

/// Compares a response with one that is allowed.
pub(crate) fn judge(answer: &Response, expected: &Allowed) -> Result<(), String> {
    let differs = |what: &str, found: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug| {
        Err(format!("{what} is {found:?}, not {wanted:?}"))
    };
    if answer.status != expected.status {
        return differs("the status", &answer.status, &expected.status);
    }
    let json = answer.json();
    let found = json
        .as_ref()
        .filter(|_| answer.status >= 400)
        .and_then(|json| json["error"]["code"].as_str());
    if found != expected.code.as_deref() {
        return differs("the code", &found, &expected.code);
    }
    if expected.fields.is_some() || expected.fields_among.is_some() {
        let found = named_fields(json.as_ref())?;
        let set = |names: &Vec<String>| names.iter().cloned().collect::<BTreeSet<_>>();
        if let Some(wanted) = expected.fields.as_ref().map(set).filter(|set| *set != found) {
            return differs("the list of fields", &found, &wanted);
        }
        let among = expected.fields_among.as_ref().map(set);
        if let Some(wanted) = among.filter(|set| found.is_empty() || !found.is_subset(set)) {
            return differs("the list of fields", &found, &wanted);
        }
    }
    if let Some(wanted) = &expected.json {
        let matches = json.as_ref().is_some_and(|json| same(json, wanted));
        if !matches || answer.header("content-type") != Some("application/json") {
            return differs("the body", &answer.text(), wanted);
        }
    }
    if let Some(wanted) = expected.body.as_ref().filter(|body| answer.text() != **body) {
        return differs("the body", &answer.text(), wanted);
    }
    for (name, wanted) in &expected.headers {
        if answer.header(name) != Some(wanted) {
            return differs(name, &answer.header(name), wanted);
        }
    }
    if let Some(name) = expected.absent.iter().find(|name| answer.header(name).is_some()) {
        return Err(format!("the header {name} is there"));
    }
    match &expected.hides {
        Some(secret) if answer.text().contains(secret) => Err(format!("the body tells {secret:?}")),
        _ => Ok(()),
    }
}

/// The field paths of a 422, each of which has messages.
fn named_fields(json: Option<&Value>) -> Result<BTreeSet<String>, String> {
    let fields = json.and_then(|json| json["error"]["details"]["fields"].as_object());
    let fields = fields.ok_or("`details.fields` is not an object")?;
    let said = |value: &Value| {
        value
            .as_array()
            .is_some_and(|texts| !texts.is_empty() && texts.iter().all(Value::is_string))
    };
    match fields.iter().find(|(_, messages)| !said(messages)) {
        Some((name, _)) => Err(format!("`{name}` has no messages")),
        None => Ok(fields.keys().cloned().collect()),
    }
}

/// Equality of JSON, where `"(random)"` stands for any text.
fn same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::String(text), Value::String(random)) if random == "(random)" => !text.is_empty(),
        (Value::Object(found), Value::Object(wanted)) => {
            found.len() == wanted.len()
                && wanted
                    .iter()
                    .all(|(name, value)| found.get(name).is_some_and(|found| same(found, value)))
        }
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(f, w)| same(f, w))
        }
        (found, wanted) => found == wanted,
    }
}

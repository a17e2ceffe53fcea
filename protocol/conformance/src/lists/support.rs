//! Requests to the application `lists`, and the texts of entries and cursors.

use serde_json::{Value, json};

use crate::backend::{Application, Backend};
use crate::client::{Client, Request, Response};
use crate::server::Server;

pub(super) const BATCH: &str = "/api/mizan/ctx/";

const ALPHABET: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// The application with a cache in its memory.
pub(super) fn app(backend: &Backend) -> Server {
    let settings = [
        ("MIZAN_CACHE_SECRET", "conformance cache secret, 32 bytes and more"),
        ("JWT_PRIVATE_KEY", "conformance jwt private key, 32 bytes and more"),
    ];
    backend.start(Application::Lists, &settings).unwrap()
}

/// A read of a context, with a query.
pub(super) fn read(context_and_query: &str) -> Request {
    Request::get(format!("{BATCH}{context_and_query}"))
}

/// A page of the orders of a stall.
#[track_caller]
pub(super) fn orders(client: &mut Client, query: &str) -> (Vec<i64>, Option<String>) {
    let response = client.send(&read(&format!("orders/?{query}"))).unwrap();
    assert_eq!(response.status, 200, "{query}: {}", response.seen());
    page(&response.json().unwrap())
}

/// The ids of a page, and its cursor.
#[track_caller]
pub(super) fn page(bundle: &Value) -> (Vec<i64>, Option<String>) {
    let page = &bundle["orders"];
    let items = page["items"].as_array().unwrap_or_else(|| panic!("no page: {bundle}"));
    assert!(page["next"].is_null() || page["next"].is_string(), "{bundle}");
    let ids = items.iter().map(|item| item["id"].as_i64().unwrap()).collect();
    (ids, page["next"].as_str().map(str::to_owned))
}

/// A call that succeeds, with what the page holds.
#[track_caller]
pub(super) fn call(client: &mut Client, function: &str, args: &Value, mounted: &Value) -> Value {
    let response = client.send(&called(function, args, mounted)).unwrap();
    assert_eq!(response.status, 200, "{function}: {}", response.seen());
    response.json().unwrap()
}

pub(super) fn called(function: &str, args: &Value, mounted: &Value) -> Request {
    Request::call(json!({ "fn": function, "args": args, "mounted": mounted }).to_string())
}

/// A text in percent-encoding, as a query and an entry have it.
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

/// An entry: `context;name=value`.
pub(super) fn entry(context: &str, params: &[(&str, &str)]) -> String {
    let pairs = params.iter().map(|(name, text)| format!(";{}={}", encoded(name), encoded(text)));
    std::iter::once(encoded(context)).chain(pairs).collect()
}

/// One request for several entries.
pub(super) fn batch(entries: &[String]) -> Request {
    let query: Vec<String> = entries.iter().map(|entry| format!("e={}", encoded(entry))).collect();
    read(&format!("?{}", query.join("&")))
}

/// The same as a body.
pub(super) fn posted(entries: &Value) -> Request {
    let request = Request::new("POST", BATCH).header("Content-Type", "application/json");
    request.body(json!({ "entries": entries }).to_string())
}

/// The lines of a batch by position.
#[track_caller]
pub(super) fn lines(response: &Response) -> Vec<Value> {
    assert_eq!(response.status, 200, "{}", response.seen());
    assert_eq!(response.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let text = response.text();
    assert!(text.ends_with('\n'), "{text}");
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.pop(), Some(json!({ "end": lines.len() })), "{text}");
    lines.sort_by_key(|line| line["e"].as_u64());
    lines.iter().enumerate().for_each(|(at, line)| assert_eq!(line["e"], at, "{text}"));
    lines
}

/// The cursor of an order: its moment, which falls, and its id, by the table of the protocol.
pub(super) fn cursor(at: i64, id: i64) -> String {
    let number = |number: i64| (number as u64 ^ 1 << 63).to_be_bytes();
    let falling = number(at).map(|byte| !byte);
    text(&[falling, number(id)].concat())
}

/// The bytes of a key as a cursor: six bits a character, the last one filled with zeros.
pub(super) fn text(bytes: &[u8]) -> String {
    let bits: Vec<bool> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1)).collect();
    let character = |bits: &[bool]| {
        let value = bits.iter().fold(0, |value, bit| value << 1 | usize::from(*bit));
        char::from(ALPHABET[value << (6 - bits.len())])
    };
    bits.chunks(6).map(character).collect()
}

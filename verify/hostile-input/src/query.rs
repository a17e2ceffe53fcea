//! Reads: queries, and any method and path.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mizan_core::CacheStatus;
use mizan_core::testing::TestResponse;
use serde_json::value::RawValue;

use crate::sent::Sent;
use crate::world::World;

/// The input as the query of a read: a cache changes no response, and what was read, sent again as text,
/// is read as the same.
pub fn query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    World::with(|world| {
        let sent = Sent { query: query.to_owned(), ..Sent::get("ctx/shop/") };
        let (reply, body) = world.ask(&world.plain, &sent);
        let only = query.contains("only");
        let expected = matches!(reply.status(), 200 | 400 | 422) || (only && reply.status() == 404);
        assert!(expected, "{} {body}", reply.status());
        let ask = || world.ask(&world.cached, &sent).0;
        for again in [ask(), ask()] {
            assert_eq!((again.status(), one_zero(&again)), (reply.status(), one_zero(&reply)));
        }
        if reply.status() == 200 && !only {
            assert_eq!(ask().cache_status(), Some(CacheStatus::Hit), "the comparison is one");
        }
        if reply.status() == 200 {
            let sent = Sent { query: text(reply.body()), ..sent };
            let (again, _) = world.ask(&world.cached, &sent);
            // Escapes may make it longer than what is taken.
            if sent.query.len() < 8000 {
                assert_eq!(one_zero(&again), one_zero(&reply), "{}", sent.query);
            }
        }
    });
}

/// The body, where the two zeros of a float are one: to a cache they are.
fn one_zero(reply: &TestResponse) -> String {
    String::from_utf8_lossy(reply.body()).replace("\"ratio\":-0.0,", "\"ratio\":0.0,")
}

/// The query that means what was answered, with numbers as they were written.
fn text(answer: &[u8]) -> String {
    let answer: BTreeMap<&str, BTreeMap<&str, &RawValue>> = serde_json::from_slice(answer).unwrap();
    let mut query = String::new();
    for (name, value) in answer.values().flatten() {
        let all: Vec<&RawValue> = match value.get().as_bytes()[0] {
            b'[' => serde_json::from_str(value.get()).unwrap(),
            b'n' => Vec::new(),
            _ => vec![value],
        };
        for one in all {
            let quoted = serde_json::from_str::<String>(one.get());
            query.push_str(if query.is_empty() { "" } else { "&" });
            query.push_str(name);
            query.push('=');
            for byte in quoted.as_deref().unwrap_or(one.get()).bytes() {
                let _ = write!(query, "%{byte:02x}");
            }
        }
    }
    query
}

/// The input as method, path and query on a line, and a body below it.
pub fn path(data: &[u8]) {
    let (line, body) = split(data, b'\n');
    let Ok(line) = std::str::from_utf8(line) else { return };
    let (method, target) = line.split_once(' ').unwrap_or(("GET", line));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let sent = Sent {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        body: body.into(),
        ..Sent::default()
    };
    let sent = sent.header("content-type", "application/json");
    World::with(|world| {
        for mizan in [&world.plain, &world.signed] {
            let (reply, body) = world.ask(mizan, &sent);
            assert_ne!(reply.status(), 503, "{body}");
            let outside = matches!(reply.status(), 400 | 404) || path.starts_with("/api/mizan/");
            assert!(outside, "{path} {body}");
        }
    });
}

/// What is before the first `at`, and what after it.
pub(crate) fn split(data: &[u8], at: u8) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == at) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}

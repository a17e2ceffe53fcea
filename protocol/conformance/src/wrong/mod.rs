//! A backend that is wrong in one way at a time: a proxy that changes what passes. The suite has to name
//! each fault.

mod faults;
mod proxy;
mod replays;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

pub use faults::FAULTS;
pub(crate) use proxy::Proxy;

use crate::client::Response;

/// A request, as the proxy has read it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name));
        found.map_or("", |header| header.1.as_str())
    }

    /// Removes every header of a name.
    fn without(&mut self, name: &str) {
        self.headers.retain(|header| !header.0.eq_ignore_ascii_case(name));
    }
}

/// Responses that were given before.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<BTreeMap<String, Response>>>);

impl Memory {
    /// The response of this key, and the first one is kept.
    fn first(&self, key: String, response: &Response) -> Response {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(key).or_insert_with(|| response.clone()).clone()
    }

    /// What is kept of this key.
    fn kept(&self, key: &str) -> Option<Response> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

/// One way to be wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// What is wrong.
    pub name: &'static str,
    /// The case that names it.
    pub caught_by: &'static str,
    /// What becomes of a request before the backend gets it.
    pub(crate) on_request: fn(&mut Seen),
    /// What becomes of a response before the client gets it.
    pub(crate) on_response: fn(&Memory, &Seen, &mut Response),
}

impl Fault {
    /// The proxy alone: nothing is wrong.
    pub const NONE: Self =
        Self { name: "nothing", caught_by: "", on_request: |_| {}, on_response: |_, _, _| {} };
}

/// Changes the JSON of a body, if it is one.
fn json(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Some(mut json) = response.json() {
        change(&mut json);
        response.body = json.to_string().into_bytes();
    }
}

/// Changes every line of a batch.
fn lines(response: &mut Response, change: impl FnOnce(&mut Vec<Value>)) {
    if response.header("content-type") == Some("application/x-ndjson") {
        let text = response.text();
        let mut lines: Vec<Value> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        change(&mut lines);
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        response.body = lines.concat().into_bytes();
    }
}

/// Changes a header, if it is there.
fn header(response: &mut Response, name: &str, change: impl Fn(&str) -> String) {
    let headers = response.headers.iter_mut().filter(|header| header.0.eq_ignore_ascii_case(name));
    headers.for_each(|(_, value)| *value = change(value));
}

/// Removes a header.
fn without(response: &mut Response, name: &str) {
    response.headers.retain(|header| !header.0.eq_ignore_ascii_case(name));
}

//! A request without a socket, and short words for run-time functions.

use std::sync::{Arc, Mutex};

use mizan_core::dynamic::{ArgType, Param};
use mizan_core::testing::{TestRequest, TestResponse};
use mizan_core::{Builder, Function, Mizan, View};
use serde_json::Value;

/// A `GET`.
pub(crate) fn get(path: &str, query: &str) -> TestRequest {
    TestRequest::new("GET", path).query(query)
}

/// A request of JSON.
pub(crate) fn json_request(method: &str, path: &str) -> TestRequest {
    TestRequest::new(method, path).header("content-type", "application/json")
}

/// A `POST` of JSON to `call/`.
pub(crate) fn post_call() -> TestRequest {
    json_request("POST", "/api/mizan/call/")
}

/// Sends a request with this body.
pub(crate) async fn send(mizan: &Mizan, request: &TestRequest, body: &str) -> TestResponse {
    request.clone().body(body).send(mizan).await
}

/// Reads a context; status and body.
pub(crate) async fn read(mizan: &Mizan, context: &str, query: &str) -> (u16, Value) {
    let reply = send(mizan, &get(&format!("/api/mizan/ctx/{context}/"), query), "").await;
    (reply.status(), json(&reply))
}

/// Calls a function; the whole reply.
pub(crate) async fn call(mizan: &Mizan, function: &str, args: Value) -> TestResponse {
    let body = serde_json::json!({ "fn": function, "args": args }).to_string();
    send(mizan, &post_call(), &body).await
}

pub(crate) fn json(reply: &TestResponse) -> Value {
    reply.json()
}

/// An argument from a short text: `user_id`, `page?` (optional), `org=acme` (default), with `:text`,
/// `:bool`, `:float`, `:list` or `:json` for a type other than integer.
pub(crate) fn param(text: &str) -> Param {
    let (text, default) =
        text.split_once('=').map_or((text, None), |(text, value)| (text, Some(value)));
    let (text, kind) = text.split_once(':').unwrap_or((text, "int"));
    let (name, optional) = text.strip_suffix('?').map_or((text, false), |name| (name, true));
    let kind = match kind {
        "text" => ArgType::Text,
        "bool" => ArgType::Boolean,
        "float" => ArgType::Number,
        "list" => ArgType::TextList,
        "json" => ArgType::Json,
        _ => ArgType::Integer,
    };
    let param = Param::new(name.to_owned(), kind);
    let param = if optional { param.optional() } else { param };
    match default {
        Some(value) => {
            param.default(serde_json::from_str::<Value>(value).unwrap_or_else(|_| value.into()))
        }
        None => param,
    }
}

/// A run-time function that answers with its arguments.
#[track_caller]
pub(crate) fn function(name: &str, params: &[&str]) -> Function {
    let params = params.iter().map(|text| param(text)).collect();
    Function::dynamic(name.to_owned(), params, |args, _| async move { Ok(Value::Object(args)) })
}

/// A run-time function that answers with a page.
#[track_caller]
pub(crate) fn view(name: &str, params: &[&str]) -> Function {
    let params = params.iter().map(|text| param(text)).collect();
    Function::dynamic_view(name.to_owned(), params, |_, _| async { Ok(View::html("page")) })
}

pub(crate) fn build(functions: impl IntoIterator<Item = Function>) -> Mizan {
    Builder::empty().functions(functions).build().unwrap()
}

/// What is logged on this thread while it lives.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    /// The log, and the guard that ends it.
    pub(crate) fn capture() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.clone());
        (log, guard)
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = self.0.lock().unwrap();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            text.push_str(&format!("{field}={value:?} "));
        });
        text.push('\n');
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

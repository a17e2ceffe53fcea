//! A request without a socket, and short words for run-time functions.

use std::net::SocketAddr;

use mizan_core::dynamic::{ArgType, Param};
use mizan_core::{
    Builder, Function, Headers, Mizan, Next, ProtocolHeader, RequestHead, Response, View,
};
use serde_json::Value;

/// A request as an adapter would hold it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fake {
    pub method: &'static str,
    pub path: String,
    pub query: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Fake {
    pub(crate) fn get(path: &str, query: &str) -> Self {
        Self { method: "GET", path: path.into(), query: query.into(), headers: Vec::new() }
    }

    pub(crate) fn call() -> Self {
        let json = ("content-type", "application/json".into());
        Self { method: "POST", headers: vec![json], ..Self::get("/api/mizan/call/", "") }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl RequestHead for Fake {
    fn method(&self) -> &str {
        self.method
    }
    fn path(&self) -> &str {
        &self.path
    }
    fn query(&self) -> &str {
        &self.query
    }
    fn header(&self, header: ProtocolHeader) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(name, _)| *name == header.as_str())
            .map(|(_, value)| value.as_bytes())
    }
    fn headers(&self) -> Headers {
        self.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
    }
    fn peer(&self) -> Option<SocketAddr> {
        None
    }
    fn is_secure(&self) -> bool {
        false
    }
}

/// Sends a request, and a body if one is asked for.
pub(crate) async fn send(mizan: &Mizan, request: &Fake, body: &str) -> Response {
    match mizan.accept(request) {
        Next::Done(reply) => reply,
        Next::Run(read) => read.await,
        Next::NeedsBody(call) => call.run(body.as_bytes()).await,
    }
}

/// Reads a context; status and body.
pub(crate) async fn read(mizan: &Mizan, context: &str, query: &str) -> (u16, Value) {
    let reply = send(mizan, &Fake::get(&format!("/api/mizan/ctx/{context}/"), query), "").await;
    (reply.status, json(&reply))
}

/// Calls a function; the whole reply.
pub(crate) async fn call(mizan: &Mizan, function: &str, args: Value) -> Response {
    let body = serde_json::json!({ "fn": function, "args": args }).to_string();
    send(mizan, &Fake::call(), &body).await
}

pub(crate) fn json(reply: &Response) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or(Value::Null)
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

//! A request without a socket, and what holds for every response whatever was sent.

use mizan_core::Mizan;
use mizan_core::testing::{TestRequest, TestResponse};
use serde_json::Value;

use crate::app::marker;

/// A request as an adapter would hold it: an HTTP library has checked its grammar and nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET".into(), path: format!("/api/mizan/{path}"), ..Self::default() }
    }

    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        let sent = Self { method: "POST".into(), body: body.into(), ..Self::get(path) };
        sent.header("content-type", "application/json")
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) async fn answer(&self, mizan: &Mizan) -> TestResponse {
        let request = TestRequest::new(&self.method, "").path(&self.path).query(&self.query);
        let with =
            |request: TestRequest, (name, value): &(String, Vec<u8>)| request.header(name, value);
        self.headers.iter().fold(request, with).body(&self.body).send(mizan).await
    }
}

const CODES: [(u16, &str); 13] = [
    (400, "BAD_REQUEST"),
    (401, "UNAUTHORIZED"),
    (403, "FORBIDDEN"),
    (404, "NOT_FOUND"),
    (405, "METHOD_NOT_ALLOWED"),
    (413, "PAYLOAD_TOO_LARGE"),
    (415, "UNSUPPORTED_MEDIA_TYPE"),
    (421, "MISDIRECTED_REQUEST"),
    (422, "VALIDATION_ERROR"),
    (429, "TOO_MANY_REQUESTS"),
    (500, "INTERNAL_ERROR"),
    (501, "NOT_IMPLEMENTED"),
    (503, "UNAVAILABLE"),
];

/// Checks what holds for every response, and gives its body.
pub(crate) fn judge(reply: &TestResponse) -> Value {
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let text = std::str::from_utf8(reply.body()).unwrap();
    for (_, header) in reply.response().headers() {
        assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{header:?}");
        assert!(!header.contains(marker()), "{header}");
    }
    assert!(!text.contains(marker()), "{text}");
    let body: Value = serde_json::from_str(text).unwrap();
    if reply.status() == 200 {
        assert!(body.is_object() && body.get("error").is_none(), "{text}");
        return body;
    }
    let code = body["error"]["code"].as_str().unwrap();
    assert!(CODES.contains(&(reply.status(), code)), "{} {text}", reply.status());
    assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{text}");
    assert!(body.get("result").is_none(), "{text}");
    assert_eq!(reply.header("retry-after").is_some(), reply.status() == 503);
    assert_eq!(reply.header("allow").is_some(), reply.status() == 405);
    body
}

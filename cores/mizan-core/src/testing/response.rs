//! What a test asks of a response.

use mizan_schema::Target;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::{CacheStatus, Response};
use crate::invalidate::invalidate_header::{self, HeaderTarget};
use crate::registry::UndeclaredEffect;

/// The response to a [`TestRequest`](super::TestRequest).
#[derive(Debug)]
pub struct TestResponse(Response, Vec<UndeclaredEffect>);

impl TestResponse {
    pub(super) fn new(response: Response, undeclared: Vec<UndeclaredEffect>) -> Self {
        Self(response, undeclared)
    }

    /// What the call changed and did not declare, in entries that were read before and that a user would
    /// still be shown. Empty where the graph does not check itself
    /// ([`Builder::check_effects`](crate::Builder::check_effects)).
    pub fn undeclared(&self) -> &[UndeclaredEffect] {
        &self.1
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// The body, as bytes.
    pub fn body(&self) -> &[u8] {
        self.0.body()
    }

    /// The body as JSON; null where it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body()).unwrap_or_default()
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.header(name)
    }

    /// The cookies that are set, as they are sent.
    pub fn cookies(&self) -> Vec<&str> {
        let all = self.0.headers().filter(|(name, _)| name.as_str() == "set-cookie");
        all.map(|(_, value)| value).collect()
    }

    /// What the server cache did; `None` where none is on.
    pub fn cache_status(&self) -> Option<CacheStatus> {
        let value = self.header("x-mizan-cache")?;
        let all = [CacheStatus::Hit, CacheStatus::Miss, CacheStatus::Bypass, CacheStatus::Degraded];
        all.into_iter().find(|status| status.as_str() == value)
    }

    /// The response itself.
    pub fn response(&self) -> &Response {
        &self.0
    }

    /// The result of a call.
    ///
    /// # Panics
    /// Where the call has failed, or its result is of another type; the text holds the body.
    #[track_caller]
    pub fn result<T: DeserializeOwned>(&self) -> T {
        self.value("result")
    }

    /// The value of one member of a bundle, by the wire name of its function.
    ///
    /// # Panics
    /// Where the read has failed, there is no such member, or its value is of another type.
    #[track_caller]
    pub fn member<T: DeserializeOwned>(&self, function: &str) -> T {
        self.value(function)
    }

    /// The code of an error, for example `"NOT_FOUND"`; empty for a success.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().into()
    }

    /// What the call made stale, by its body: exactly this, and nothing else.
    ///
    /// # Panics
    /// Where the list in the body is malformed.
    #[track_caller]
    #[expect(clippy::panic, reason = "for tests only")]
    pub fn targets(&self) -> Vec<Target> {
        let mut body = self.json();
        match body.get_mut("invalidate").map(Value::take) {
            None => Vec::new(),
            Some(list) => serde_json::from_value(list)
                .unwrap_or_else(|error| panic!("`invalidate` is malformed: {error}")),
        }
    }

    /// The same by the header, which names contexts and texts, and which pages have too.
    ///
    /// # Panics
    /// Where the header is malformed.
    #[track_caller]
    #[expect(clippy::panic, reason = "for tests only")]
    pub fn header_targets(&self) -> Vec<HeaderTarget> {
        let header = self.header("x-mizan-invalidate").unwrap_or_default();
        invalidate_header::parse(header).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "for tests only")]
    fn value<T: DeserializeOwned>(&self, member: &str) -> T {
        let body = self.json();
        let value = body.get(member).cloned();
        match value.map(serde_json::from_value) {
            Some(Ok(value)) if self.status() == 200 => value,
            Some(Err(error)) => panic!("`{member}` is of another type ({error}): {body}"),
            _ => panic!("there is no `{member}`: {} {body}", self.status()),
        }
    }
}

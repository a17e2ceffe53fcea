//! A response, before an HTTP library writes it.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use mizan_schema::{ErrorBody, ErrorResponse, SessionChange, Target};

use super::header::{HeaderName, HeaderValue, ProtocolHeader, is_value};
use crate::error::{Error, ErrorCode};
use crate::secret;
use crate::view::View;

/// The type of a response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// `application/json`.
    Json,
    /// `text/html; charset=utf-8`: a response of the view path.
    Html,
    /// `text/plain; charset=utf-8`.
    Text,
    /// `application/x-ndjson`: a JSON value on each line.
    Lines,
}

impl ContentType {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Lines => "application/x-ndjson",
        }
    }
}

/// What the server cache did for a response: the value of `X-Mizan-Cache`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheStatus {
    /// The bundle came from the cache.
    Hit,
    /// The functions ran, and what they gave may be stored.
    Miss,
    /// The functions ran, and nothing was stored.
    Bypass,
    /// A mutation ran, and the cache could not be notified that it ended: what it changed is read past
    /// the cache until its marks run out.
    Degraded,
}

impl CacheStatus {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "HIT",
            Self::Miss => "MISS",
            Self::Bypass => "BYPASS",
            Self::Degraded => "degraded",
        }
    }
}

/// A body that is sent as it is made. After an error the connection is closed before the body's end,
/// so that a client cannot take it for a whole one.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// Chunks whose error is one of I/O, as HTTP libraries want it. The core has logged what happened.
pub struct IoChunks(pub Chunks);

impl Stream for IoChunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let broken = |_| io::Error::other("the body broke off");
        self.0.as_mut().poll_next(cx).map(|chunk| chunk.map(|chunk| chunk.map_err(broken)))
    }
}

impl fmt::Debug for IoChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IoChunks(…)")
    }
}

/// The body of a response.
pub enum Body {
    /// All of it.
    Bytes(Bytes),
    /// One piece after another.
    Chunks(Chunks),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.escape_ascii()),
            Self::Chunks(_) => f.write_str("Chunks(…)"),
        }
    }
}

/// A response. An adapter copies status, headers and body, each in order, and adds nothing.
#[derive(Debug)]
pub struct Response {
    status: u16,
    content_type: ContentType,
    cache_control: &'static str,
    /// Beyond those that every response has.
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
    may_compress: bool,
}

/// An error as its sender may see it.
pub(crate) struct Reported {
    pub(crate) status: u16,
    pub(crate) body: ErrorBody,
    /// When to try again, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl Reported {
    /// An unexpected error is logged here, under the id, which is all that the client gets.
    pub(crate) fn of(error: Error) -> Self {
        let id =
            (error.code() == ErrorCode::InternalError).then(|| secret::hex(&secret::random::<8>()));
        if let Some(id) = &id {
            tracing::error!(id, error = ?error, "a request failed");
        }
        let retry_after = error.retry_after().map(|time| time.as_secs().max(1));
        let (code, message, details) = error.into_parts();
        let message = if id.is_some() { Cow::Borrowed("internal error") } else { message };
        let details = match id {
            Some(id) => Some(serde_json::json!({ "id": id })),
            None => details,
        };
        let soon = (code == ErrorCode::Unavailable).then_some(1);
        Self {
            status: code.status(),
            body: ErrorBody { code, message: message.into_owned(), details },
            retry_after: retry_after.or(soon),
        }
    }
}

/// Smaller bodies gain nothing by being compressed, in bytes.
const COMPRESSED_FROM: usize = 1024;

impl Response {
    pub(crate) fn json(body: impl Into<Bytes>) -> Self {
        Self::of(ContentType::Json, body)
    }

    /// A response whose body is there.
    pub(crate) fn of(content_type: ContentType, body: impl Into<Bytes>) -> Self {
        Self::new(content_type, Body::Bytes(body.into()))
    }

    /// A response whose body is sent in pieces.
    pub fn chunks(content_type: ContentType, chunks: Chunks) -> Self {
        Self::new(content_type, Body::Chunks(chunks))
    }

    fn new(content_type: ContentType, body: Body) -> Self {
        Self {
            status: 200,
            content_type,
            cache_control: "no-store",
            headers: Vec::new(),
            body,
            may_compress: false,
        }
    }

    /// A page that is there.
    #[cfg(feature = "pages")]
    pub(crate) fn html(body: Bytes) -> Self {
        Self::of(ContentType::Html, body)
    }

    /// The same with another `Cache-Control` than `no-store`.
    #[cfg(feature = "pages")]
    pub(crate) fn with_cache_control(mut self, value: &'static str) -> Self {
        self.cache_control = value;
        self
    }

    /// A text.
    pub(crate) fn text(body: &'static str) -> Self {
        Self::new(ContentType::Text, Body::Bytes(Bytes::from_static(body.as_bytes())))
    }

    /// The envelope of an error. An unexpected one is logged here, under the id that the client gets.
    pub fn error(error: Error) -> Self {
        Self::error_with(error, Vec::new(), false)
    }

    /// A 405 with the methods that are answered.
    pub(crate) fn not_allowed(allow: impl Into<HeaderValue>) -> Self {
        let error = Error::method_not_allowed("this method is not answered here");
        Self::error(error).with(ProtocolHeader::Allow, allow)
    }

    /// The same with what a call that ran has made stale, and whether a user was signed in or out.
    pub(crate) fn error_with(error: Error, invalidate: Vec<Target>, session: bool) -> Self {
        let Reported { status, body, retry_after } = Reported::of(error);
        let session = session.then_some(SessionChange::Changed);
        let body = ErrorResponse { error: body, invalidate, session };
        let response =
            Self::json(serde_json::to_vec(&body).unwrap_or_default()).with_status(status);
        match retry_after {
            Some(seconds) => response.with(ProtocolHeader::RetryAfter, seconds.to_string()),
            None => response,
        }
    }

    /// The response of a view: its body and its headers. Those that every page has are added in the end.
    pub(crate) fn view(view: View) -> Self {
        let (status, body, location, headers) = view.into_parts();
        let body = match body {
            Cow::Borrowed(body) => Bytes::from_static(body.as_bytes()),
            Cow::Owned(body) => Bytes::from(body),
        };
        let mut response = Self::new(ContentType::Html, Body::Bytes(body)).with_status(status);
        if let Some(location) = location {
            response.set(HeaderName::Protocol(ProtocolHeader::Location), location.into());
        }
        for (name, value) in headers {
            response.set(HeaderName::of(name), value.into());
        }
        response
    }

    /// Adds a member to the end of a body that is a JSON object.
    pub(crate) fn with_member(self, name: &str, json: &[u8]) -> Self {
        let Body::Bytes(body) = &self.body else { return self };
        let Some(rest) = body.strip_suffix(b"}") else { return self };
        let mut longer = Vec::with_capacity(body.len() + name.len() + json.len() + 4);
        longer.extend_from_slice(rest);
        longer.extend_from_slice(format!(",\"{name}\":").as_bytes());
        longer.extend_from_slice(json);
        longer.push(b'}');
        Self { body: Body::Bytes(longer.into()), ..self }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header, instead of one of that name. The framework writes the value, so that a header can hold it.
    pub(crate) fn with(mut self, header: ProtocolHeader, value: impl Into<HeaderValue>) -> Self {
        self.put(HeaderName::Protocol(header), value.into());
        self
    }

    /// Adds a cookie.
    pub(crate) fn add_cookie(&mut self, cookie: String) {
        if let Some(value) = checked(ProtocolHeader::SetCookie.as_str(), cookie.into()) {
            self.headers.push((HeaderName::Protocol(ProtocolHeader::SetCookie), value));
        }
    }

    /// Declares that the body holds no secret of this server, so that its length may reveal what is in it.
    pub(crate) fn without_secrets(mut self) -> Self {
        self.may_compress = true;
        self
    }

    /// Declares that the body holds a secret of this server.
    pub(crate) fn with_secrets(mut self) -> Self {
        self.may_compress = false;
        self
    }

    /// Whether an adapter may compress the body: it is larger than 1 KiB, and holds no token. One that
    /// is next to what a stranger can choose could be guessed from the length (the attack BREACH).
    pub fn may_compress(&self) -> bool {
        let is_large = match &self.body {
            Body::Bytes(bytes) => bytes.len() > COMPRESSED_FROM,
            // What compresses would hold back the pieces that are there.
            Body::Chunks(_) => false,
        };
        let is_compressed = self.header(ProtocolHeader::ContentEncoding.as_str()).is_some();
        self.may_compress && is_large && !is_compressed
    }

    /// Whether a browser shows it as a page.
    pub(crate) fn is_page(&self) -> bool {
        self.content_type == ContentType::Html
    }

    /// Sets a header that is not there.
    pub(crate) fn set_absent(&mut self, header: ProtocolHeader, value: HeaderValue) {
        if self.header(header.as_str()).is_none() {
            self.set(HeaderName::Protocol(header), value);
        }
    }

    /// Sets a header of the application, if its value is legal.
    pub(crate) fn set(&mut self, name: HeaderName, value: HeaderValue) {
        if let Some(value) = checked(name.as_str(), value) {
            self.put(name, value);
        }
    }

    fn put(&mut self, name: HeaderName, value: HeaderValue) {
        match self.headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.headers.push((name, value)),
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    /// Every header, in the order in which they are sent.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, &str)> {
        let own = self.headers.iter().map(|(name, value)| (name.clone(), &**value));
        common(self.content_type, self.cache_control).into_iter().chain(own)
    }

    /// The body, where all of it is there; empty for one that is sent in pieces.
    pub fn body(&self) -> &[u8] {
        match &self.body {
            Body::Bytes(bytes) => bytes,
            Body::Chunks(_) => &[],
        }
    }

    /// The same with all of its body there, up to an error: in tests.
    pub(crate) async fn gathered(self) -> Self {
        let Body::Chunks(mut chunks) = self.body else { return self };
        let mut bytes = Vec::new();
        while let Some(Ok(chunk)) = poll_fn(|cx| chunks.as_mut().poll_next(cx)).await {
            bytes.extend_from_slice(&chunk);
        }
        Self { body: Body::Bytes(bytes.into()), ..self }
    }

    /// Status, headers in the order in which they are sent, and body.
    pub fn into_parts(self) -> (u16, impl Iterator<Item = (HeaderName, HeaderValue)>, Body) {
        let common = common(self.content_type, self.cache_control)
            .map(|(name, value)| (name, Cow::Borrowed(value)));
        (self.status, common.into_iter().chain(self.headers), self.body)
    }
}

/// The headers that every response has.
fn common(
    content_type: ContentType,
    cache_control: &'static str,
) -> [(HeaderName, &'static str); 3] {
    [
        (HeaderName::Protocol(ProtocolHeader::ContentType), content_type.as_str()),
        (HeaderName::Protocol(ProtocolHeader::CacheControl), cache_control),
        (HeaderName::Protocol(ProtocolHeader::ContentTypeOptions), "nosniff"),
    ]
}

/// A value that a header can hold; one that cannot is left out and logged.
fn checked(name: &str, value: HeaderValue) -> Option<HeaderValue> {
    if matches!(value, Cow::Borrowed(_)) || is_value(&value) {
        return Some(value);
    }
    tracing::error!(header = name, "a header is left out: its value has control characters");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_response_has_its_headers_in_order() {
        let mut response = Response::json("{}").with(ProtocolHeader::Invalidate, "user");
        response.add_cookie("a=1".into());
        response.add_cookie("b=2".into());
        response.add_cookie("c=\n".into());
        let expected = [
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-mizan-invalidate", "user"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ];
        let named = |(name, value): (HeaderName, HeaderValue)| {
            (name.as_str().to_owned(), value.into_owned())
        };
        let (_, headers, _) = response.into_parts();
        let found: Vec<(String, String)> = headers.map(named).collect();
        let expected: Vec<(String, String)> =
            expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_view_replaces_what_pages_have_by_default() {
        let view = View::html("x").with_header("X-Frame-Options", "SAMEORIGIN");
        let pages =
            super::super::PageHeaders { policy: "default-src 'self'".into(), is_https: false };
        let response = pages.complete(Response::view(view.with_header("x-own", "1")));
        assert_eq!(response.header("x-frame-options"), Some("SAMEORIGIN"));
        assert_eq!(response.header("referrer-policy"), Some("same-origin"));
        assert_eq!(response.header("x-own"), Some("1"));
        assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    }

    #[test]
    fn numbers_of_headers_are_positions() {
        for (at, header) in ProtocolHeader::ALL.iter().enumerate() {
            assert_eq!(*header as usize, at);
        }
    }
}

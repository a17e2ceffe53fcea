//! An answer, before an HTTP library writes it.

use std::borrow::Cow;

use bytes::Bytes;
use mizan_schema::{ErrorBody, ErrorResponse, SessionChange, Target};

use crate::error::{Error, ErrorCode};
use crate::secret;

/// The type of a reply's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// `application/json`.
    Json,
    /// `text/html; charset=utf-8`: an answer of the view path.
    Html,
}

/// An answer. An adapter adds `Cache-Control: no-store` and `X-Content-Type-Options: nosniff` to
/// every one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: ContentType,
    /// The body.
    pub body: Bytes,
    /// The value of `X-Mizan-Invalidate`.
    pub invalidate: Option<String>,
    /// The value of `Allow`.
    pub allow: Option<Cow<'static, str>>,
    /// The value of `Location`.
    pub location: Option<String>,
    /// The values of `Set-Cookie`, a header each.
    pub set_cookie: Vec<String>,
    /// The value of `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// The value of `X-Mizan-Cache`, where a cache is on.
    pub cache: Option<CacheStatus>,
    /// Further headers: names and values.
    pub headers: Vec<(&'static str, String)>,
}

/// What the server cache did for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheStatus {
    /// The bundle came from the cache.
    Hit,
    /// The functions ran, and what they gave may be stored.
    Miss,
    /// The functions ran, and nothing was stored.
    Bypass,
    /// A mutation ran, and the cache could not be told that it ended: what it changed is read past the
    /// cache until its marks run out.
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

impl Response {
    pub(crate) fn json(body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            content_type: ContentType::Json,
            body: body.into(),
            invalidate: None,
            allow: None,
            location: None,
            set_cookie: Vec::new(),
            retry_after: None,
            cache: None,
            headers: Vec::new(),
        }
    }

    /// The envelope of an error. An unexpected one is logged here, under the id that the client gets.
    pub fn error(error: Error) -> Self {
        Self::error_with(error, Vec::new(), false)
    }

    /// A 405 with the methods that are answered.
    pub(crate) fn not_allowed(allow: impl Into<Cow<'static, str>>) -> Self {
        let error = Error::method_not_allowed("this method is not answered here");
        Self { allow: Some(allow.into()), ..Self::error(error) }
    }

    pub(crate) fn error_with(error: Error, invalidate: Vec<Target>, session: bool) -> Self {
        let id =
            (error.code() == ErrorCode::InternalError).then(|| secret::hex(&secret::random::<8>()));
        if let Some(id) = &id {
            tracing::error!(id, error = ?error, "a request failed");
        }
        let (code, message, details) = error.into_parts();
        let message = if id.is_some() { Cow::Borrowed("internal error") } else { message };
        let details = match id {
            Some(id) => Some(serde_json::json!({ "id": id })),
            None => details,
        };
        let body = ErrorResponse {
            error: ErrorBody { code, message: message.into_owned(), details },
            invalidate,
            session: session.then_some(SessionChange::Changed),
        };
        let mut reply = Self::json(serde_json::to_vec(&body).unwrap_or_default());
        reply.status = code.status();
        reply.retry_after = (code == ErrorCode::Unavailable).then_some(1);
        reply
    }
}

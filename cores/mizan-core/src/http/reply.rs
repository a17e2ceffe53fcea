//! An answer, before an HTTP library writes it.

use std::borrow::Cow;

use mizan_schema::{ErrorBody, ErrorReply, Target};

use crate::error::{Error, ErrorCode};
use crate::secret;
use crate::view::View;

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
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: ContentType,
    /// The body.
    pub body: Vec<u8>,
    /// The value of `X-Mizan-Invalidate`.
    pub invalidate: Option<String>,
    /// The value of `Allow`.
    pub allow: Option<&'static str>,
    /// The value of `Location`.
    pub location: Option<String>,
    /// The values of `Set-Cookie`, a header each.
    pub set_cookie: Vec<String>,
    /// The value of `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
}

impl Reply {
    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            content_type: ContentType::Json,
            body,
            invalidate: None,
            allow: None,
            location: None,
            set_cookie: Vec::new(),
            retry_after: None,
        }
    }

    /// The envelope of an error. An unexpected one is logged here, under the id that the client gets.
    pub fn error(error: Error) -> Self {
        Self::error_with(error, Vec::new())
    }

    pub(crate) fn error_with(error: Error, invalidate: Vec<Target>) -> Self {
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
        let body = ErrorReply {
            error: ErrorBody { code, message: message.into_owned(), details },
            invalidate,
        };
        let mut reply = Self::json(serde_json::to_vec(&body).unwrap_or_default());
        reply.status = code.status();
        reply.retry_after = (code == ErrorCode::Unavailable).then_some(1);
        reply
    }

    pub(crate) fn view(view: View) -> Self {
        let (status, body, location) = view.into_parts();
        let mut reply = Self::json(body.into_owned().into_bytes());
        reply.status = status;
        reply.content_type = ContentType::Html;
        reply.location = location;
        reply
    }
}

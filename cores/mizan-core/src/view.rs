//! Answers that are not data: a page or a redirect. Their invalidation travels in the header only.

use std::borrow::Cow;

use bytes::Bytes;

use crate::http::{ContentType, Response};

/// An answer of the view path.
///
/// A view of 400 or above carries no `X-Mizan-Invalidate` unless [`View::with_invalidation_on_error`] says so.
///
/// ```
/// use mizan_core::View;
/// let view = View::redirect("/profile/5/");
/// assert_eq!((view.status(), view.location()), (302, Some("/profile/5/")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    status: u16,
    body: Cow<'static, str>,
    location: Option<String>,
    announce: bool,
    headers: Vec<(&'static str, String)>,
}

impl View {
    /// A page with status 200.
    pub fn html(body: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            location: None,
            announce: false,
            headers: Vec::new(),
        }
    }

    /// A redirect with status 302. Control characters, which no header may hold, are percent-encoded:
    /// leaving them out could make `//elsewhere` of what was a path.
    ///
    /// It goes where it is told: check a location that comes from a request.
    pub fn redirect(location: impl Into<String>) -> Self {
        let clean = location.into().chars().fold(String::new(), |mut text, letter| {
            match letter.is_control() {
                true => {
                    let mut bytes = [0; 4];
                    for byte in letter.encode_utf8(&mut bytes).bytes() {
                        text.push_str(&format!("%{byte:02X}"));
                    }
                }
                false => text.push(letter),
            }
            text
        });
        Self { status: 302, location: Some(clean), ..Self::html("") }
    }

    /// An empty answer with this status.
    pub fn empty(status: u16) -> Self {
        Self::html("").with_status(status)
    }

    /// Replaces the status. Anything outside 200 to 599 is 500.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = if (200..600).contains(&status) { status } else { 500 };
        self
    }

    /// A redirect with status 303: after a form, so that the browser asks for the next page by GET.
    pub fn see_other(location: impl Into<String>) -> Self {
        Self { status: 303, ..Self::redirect(location) }
    }

    /// Adds a header. A page that sets none of its own gets
    /// `x-frame-options: DENY` and `referrer-policy: same-origin`.
    ///
    /// Headers that the framework answers for (`cache-control`, `content-length`, `content-type`,
    /// `location`, `set-cookie` and those that start with `x-mizan-`) are left out, and that is logged.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let own = ["cache-control", "content-length", "content-type", "location", "set-cookie"];
        let lower = name.to_ascii_lowercase();
        if own.contains(&&*lower) || lower.starts_with("x-mizan-") {
            tracing::error!(name, "this header of a view is set by the framework");
        } else {
            self.headers.push((name, value.into()));
        }
        self
    }

    /// Sends the invalidation header although the status is 400 or above: for a function that
    /// changed something before it failed.
    pub fn with_invalidation_on_error(mut self) -> Self {
        self.announce = true;
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The text of the page.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Where a redirect goes.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    pub(crate) fn announces(&self) -> bool {
        self.status < 400 || self.announce
    }

    pub(crate) fn into_reply(self) -> Response {
        let body = match self.body {
            Cow::Borrowed(body) => Bytes::from_static(body.as_bytes()),
            Cow::Owned(body) => Bytes::from(body),
        };
        let mut reply = Response::json(body);
        reply.status = self.status;
        reply.content_type = ContentType::Html;
        reply.location = self.location;
        reply.headers = self.headers;
        for (name, value) in [("x-frame-options", "DENY"), ("referrer-policy", "same-origin")] {
            if reply.headers.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name)) {
                reply.headers.push((name, value.into()));
            }
        }
        reply
    }
}

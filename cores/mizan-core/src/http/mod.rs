//! The protocol in terms of requests and replies, for adapters of any HTTP library.
//!
//! An adapter implements [`RequestHead`], asks [`Mizan::accept`](crate::Mizan::accept) what to do, and
//! writes a [`Response`]. Paths, methods, content types, limits and CSRF are decided here.

mod cors;
mod csrf;
mod path;
mod reply;

use std::net::SocketAddr;

use crate::request::{Headers, RequestParts};

pub use cors::Cors;
pub(crate) use cors::Grant;
pub(crate) use csrf::{Csrf, Provenance, cookies, is_random, same_origin_text};
pub(crate) use path::{Endpoint, endpoint, is_below};
pub use reply::{CacheStatus, ContentType, Response};

/// The head of a request as an HTTP library holds it, borrowed.
pub trait RequestHead {
    /// The method, in upper case.
    fn method(&self) -> &str;
    /// The path, as sent.
    fn path(&self) -> &str;
    /// The query without the question mark; empty where there is none.
    fn query(&self) -> &str;
    /// The first value of a header that the protocol looks at.
    fn header(&self, header: ProtocolHeader) -> Option<&[u8]>;
    /// A copy of all headers.
    fn headers(&self) -> Headers;
    /// The address of the other end of the connection.
    fn peer(&self) -> Option<SocketAddr>;
    /// Whether the connection itself is encrypted.
    fn is_secure(&self) -> bool;
}

/// The headers that the protocol itself looks at, so that an adapter needs to look up no texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProtocolHeader {
    /// `Content-Type`.
    ContentType,
    /// `Content-Length`.
    ContentLength,
    /// `Cookie`.
    Cookie,
    /// `Host`.
    Host,
    /// `Origin`.
    Origin,
    /// `Sec-Fetch-Site`.
    SecFetchSite,
    /// `X-CSRFToken`.
    CsrfToken,
    /// `Access-Control-Request-Method`.
    RequestMethod,
}

impl ProtocolHeader {
    /// The name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContentType => "content-type",
            Self::ContentLength => "content-length",
            Self::Cookie => "cookie",
            Self::Host => "host",
            Self::Origin => "origin",
            Self::SecFetchSite => "sec-fetch-site",
            Self::CsrfToken => "x-csrftoken",
            Self::RequestMethod => "access-control-request-method",
        }
    }
}

/// A copy of the whole head, for functions and authenticators that look at it. Headers of the
/// protocol that only answers have are left out: nobody is to believe one that was sent.
pub(crate) fn parts(incoming: &dyn RequestHead) -> RequestParts {
    RequestParts {
        method: incoming.method().to_owned(),
        path: incoming.path().to_owned(),
        query: incoming.query().to_owned(),
        headers: incoming.headers().without_answers(),
        peer: incoming.peer(),
    }
}

pub(crate) fn header_text(incoming: &dyn RequestHead, header: ProtocolHeader) -> Option<&str> {
    incoming.header(header).and_then(|value| std::str::from_utf8(value).ok())
}

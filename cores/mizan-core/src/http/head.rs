//! The head of a request as an HTTP library holds it.

use std::net::SocketAddr;

use super::header::ProtocolHeader;
use crate::head::{Headers, RequestParts};

/// The head of a request, borrowed from an HTTP library. An adapter implements it.
pub trait RequestHead {
    /// The method, in upper case.
    fn method(&self) -> &str;
    /// The path, as sent.
    fn path(&self) -> &str;
    /// The query without the question mark; empty where there is none.
    fn query(&self) -> &str;
    /// The first value of a header that the protocol reads.
    fn header(&self, header: ProtocolHeader) -> Option<&[u8]>;
    /// A copy of all headers.
    fn headers(&self) -> Headers;
    /// The address of the other end of the connection.
    fn peer(&self) -> Option<SocketAddr>;
    /// Whether the connection itself is encrypted.
    fn is_secure(&self) -> bool;
}

/// A copy of the whole head, for functions and authenticators that read it. Headers of the
/// protocol that only responses have are left out: no one may trust one that was sent.
pub(crate) fn parts(head: &dyn RequestHead) -> RequestParts {
    RequestParts {
        method: head.method().to_owned(),
        path: head.path().to_owned(),
        query: head.query().to_owned(),
        headers: head.headers().without_response_headers(),
        peer: head.peer(),
    }
}

/// A header as text; `None` where it is absent or not UTF-8.
pub(crate) fn header_text(head: &dyn RequestHead, header: ProtocolHeader) -> Option<&str> {
    head.header(header).and_then(|value| std::str::from_utf8(value).ok())
}

/// Whether the body is JSON, whatever the parameters of its type.
pub(crate) fn is_json(head: &dyn RequestHead) -> bool {
    // As nearly everyone writes it.
    head.header(ProtocolHeader::ContentType) == Some(b"application/json")
        || media_type(head).eq_ignore_ascii_case("application/json")
}

/// The media type of a body, without its parameters.
pub(crate) fn media_type(head: &dyn RequestHead) -> &str {
    let content_type = header_text(head, ProtocolHeader::ContentType).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim()
}

//! Files as the other end takes them: by brotli, by gzip, or as they are.

use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::Response;
use mizan_core::Coding;

use crate::compress::by;

/// Compresses a file where the other end takes that, and its type and its size gain something.
pub(super) async fn compressed(asked: Option<Coding>, mut response: Response) -> Response {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let size = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    response = by(asked.filter(|_| Coding::suits_file(content_type, size)), response).await;
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING) {
        weaken(headers);
    } else {
        // What compresses has added it already.
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// What was compressed is another text of the same file: its tag differs.
fn weaken(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let weak = tag.filter(|tag| tag.starts_with('"')).map(|tag| format!("W/{tag}"));
    if let Some(weak) = weak.and_then(|weak| HeaderValue::try_from(weak).ok()) {
        headers.insert(header::ETAG, weak);
    }
}

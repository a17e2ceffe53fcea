//! Bodies as the other end takes them: by brotli, by gzip, or as they are.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Extensions, Request, StatusCode, Version};
use axum::response::Response;
use mizan_core::Coding;
use tower::{ServiceExt, service_fn};
use tower_http::compression::Compression;

/// Compresses a body where the other end takes that.
pub(crate) async fn compressed(asked: &HeaderMap, response: Response) -> Response {
    match accepted(asked) {
        Some(coding) => by(coding, response).await,
        None => response,
    }
}

/// The same for a file, where its type and its size gain something.
pub(crate) async fn file(asked: Option<Coding>, mut response: Response) -> Response {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let size = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if let Some(coding) = asked.filter(|_| Coding::suits_file(content_type, size)) {
        response = by(coding, response).await;
    }
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

/// The way that the other end likes best; `None` for a body as it is.
pub(crate) fn accepted(asked: &HeaderMap) -> Option<Coding> {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter();
    Coding::accepted(values.map(HeaderValue::as_bytes))
}

/// Compresses a body as it is sent. A part of a file stays as it is.
async fn by(coding: Coding, response: Response) -> Response {
    let mut there = Some(response);
    let service =
        service_fn(move |_| ready(Ok::<Response, Infallible>(there.take().unwrap_or_default())));
    let mut request = Request::new(());
    let asked = HeaderValue::from_static(coding.as_str());
    request.headers_mut().insert(header::ACCEPT_ENCODING, asked);
    // What gains by it has been decided.
    let always = |_: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| true;
    let compression = Compression::new(service).compress_when(always);
    match compression.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

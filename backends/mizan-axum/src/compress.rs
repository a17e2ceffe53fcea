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

/// The way that the other end likes best; `None` for a body as it is.
pub(crate) fn accepted(asked: &HeaderMap) -> Option<Coding> {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter();
    Coding::accepted(values.map(HeaderValue::as_bytes))
}

/// Compresses a body as it is sent. A part of a file stays as it is.
pub(crate) async fn by(coding: Option<Coding>, response: Response) -> Response {
    let Some(coding) = coding else { return response };
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

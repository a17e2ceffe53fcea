//! Files as the other end takes them: by brotli, by gzip, or as they are.

use actix_http::encoding::Encoder;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderValue};
use mizan_core::Coding;

use crate::compress::accepted;

/// Compresses a file where the other end takes that, and its type and its size gain something.
pub(super) fn compressed(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = match response.response().body().size() {
        BodySize::Sized(size) => Some(size),
        BodySize::Stream => None,
        BodySize::None => Some(0),
    };
    let encoding = accepted(response.request());
    if let Some(encoding) = encoding.filter(|_| Coding::suits_file(content_type, size)) {
        response = response.map_body(|head, body| Encoder::response(encoding, head, body).boxed());
    }
    if response.headers().contains_key(header::CONTENT_ENCODING) {
        weaken(&mut response);
    } else {
        // What compresses has added it already.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// What was compressed is another text of the same file: its tag differs, and no range of it is sent.
fn weaken(response: &mut ServiceResponse<BoxBody>) {
    let headers = response.headers_mut();
    headers.remove(header::ACCEPT_RANGES);
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let weak = tag.filter(|tag| tag.starts_with('"')).map(|tag| format!("W/{tag}"));
    if let Some(weak) = weak.and_then(|weak| HeaderValue::try_from(weak).ok()) {
        headers.insert(header::ETAG, weak);
    }
}

//! Bodies as the other end takes them: by brotli, by gzip, or as they are.

use actix_http::encoding::Encoder;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse};

/// Files that are smaller gain nothing.
const FROM: u64 = 1024;
/// The types of files that gain something, by how they begin.
const TYPES: [&str; 7] = [
    "text/",
    "application/javascript",
    "application/json",
    "application/manifest",
    "application/wasm",
    "image/svg",
    "font/ttf",
];

/// Compresses a body where the other end takes that.
pub(crate) fn compressed(request: &HttpRequest, response: HttpResponse) -> HttpResponse {
    match accepted(request) {
        Some(encoding) => {
            response.map_body(|head, body| Encoder::response(encoding, head, body).boxed())
        }
        None => response,
    }
}

/// The same for a file, where its type and its size gain something.
pub(crate) fn file(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_large = match response.response().body().size() {
        BodySize::Sized(size) => size >= FROM,
        BodySize::Stream => true,
        BodySize::None => false,
    };
    if !is_large || !TYPES.iter().any(|start| content_type.starts_with(start)) {
        return response;
    }
    let Some(encoding) = accepted(response.request()) else { return response };
    let mut response =
        response.map_body(|head, body| Encoder::response(encoding, head, body).boxed());
    if response.headers().contains_key(header::CONTENT_ENCODING) {
        weaken(&mut response);
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

/// The way that the other end likes best; `None` for a body as it is.
fn accepted(request: &HttpRequest) -> Option<ContentEncoding> {
    let asked = AcceptEncoding::parse(request).ok()?;
    let ours = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    match asked.negotiate(ours.iter())? {
        Encoding::Known(ContentEncoding::Identity) | Encoding::Unknown(_) => None,
        Encoding::Known(encoding) => Some(encoding),
    }
}

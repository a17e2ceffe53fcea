//! Bodies as the other end takes them: by brotli, by gzip, or as they are.

use actix_http::encoding::Encoder;
use actix_web::body::MessageBody;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse};
use mizan_core::Coding;

/// Compresses a body where the other end takes that.
pub(crate) fn compressed(request: &HttpRequest, response: HttpResponse) -> HttpResponse {
    match accepted(request) {
        Some(encoding) => {
            response.map_body(|head, body| Encoder::response(encoding, head, body).boxed())
        }
        None => response,
    }
}

/// The way that the other end likes best; `None` for a body as it is.
pub(crate) fn accepted(request: &HttpRequest) -> Option<ContentEncoding> {
    let asked = request.headers().get_all(header::ACCEPT_ENCODING);
    match Coding::accepted(asked.map(|value| value.as_bytes()))? {
        Coding::Brotli => Some(ContentEncoding::Brotli),
        Coding::Gzip => Some(ContentEncoding::Gzip),
        _ => None,
    }
}

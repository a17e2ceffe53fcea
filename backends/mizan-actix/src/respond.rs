//! A response of the core as actix sends it: status, headers and body, copied in order.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::body::{BodyStream, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use mizan_core::{Body, HeaderName, IoChunks, Response};

use crate::names::name;

pub(crate) fn respond(response: Response) -> HttpResponse {
    let (status, headers, body) = response.into_parts();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, boxed(body));
    let map = response.headers_mut();
    headers.for_each(|(header, value)| {
        // The core yields no name and no value that a header cannot hold.
        if let (Some(name), Some(value)) = (named(&header), text(value)) {
            map.append(name, value);
        }
    });
    response
}

fn boxed(body: Body) -> BoxBody {
    match body {
        Body::Bytes(bytes) => bytes.boxed(),
        // An error in the middle ends the connection, so that no one takes the body for a whole one.
        Body::Chunks(chunks) => BodyStream::new(IoChunks(chunks)).boxed(),
    }
}

pub(crate) fn named(header: &HeaderName) -> Option<header::HeaderName> {
    match header {
        HeaderName::Protocol(header) => Some(name(*header).clone()),
        HeaderName::Other(text) => header::HeaderName::try_from(&**text).ok(),
    }
}

pub(crate) fn text(value: Cow<'static, str>) -> Option<HeaderValue> {
    match value {
        Cow::Borrowed(text) => Some(HeaderValue::from_static(text)),
        Cow::Owned(text) => HeaderValue::try_from(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use actix_web::body::to_bytes;
    use actix_web::web::Bytes;
    use mizan_core::{ContentType, Error, Response};

    use super::respond;

    /// Pieces of a body, all there.
    struct Pieces(VecDeque<Result<Bytes, Error>>);

    impl futures_core::Stream for Pieces {
        type Item = Result<Bytes, Error>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.pop_front())
        }
    }

    fn sent(pieces: impl IntoIterator<Item = Result<Bytes, Error>>) -> Option<Bytes> {
        let chunks = Box::pin(Pieces(pieces.into_iter().collect()));
        let response = respond(Response::chunks(ContentType::Json, chunks));
        assert_eq!(
            response.headers().get("cache-control").map(|v| v.as_bytes()),
            Some(&b"no-store"[..])
        );
        assert_eq!(
            response.headers().get("x-content-type-options").map(|v| v.as_bytes()),
            Some(&b"nosniff"[..])
        );
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.ok().and_then(|runtime| runtime.block_on(to_bytes(response.into_body())).ok())
    }

    #[test]
    fn a_body_in_pieces_is_copied_and_one_that_breaks_off_has_no_end() {
        let piece = |text: &'static str| Ok(Bytes::from_static(text.as_bytes()));
        assert_eq!(sent([piece("{\"a\":"), piece("1}")]), Some(Bytes::from_static(b"{\"a\":1}")));
        assert_eq!(sent([piece("{"), Err(Error::unavailable("gone"))]), None);
    }
}

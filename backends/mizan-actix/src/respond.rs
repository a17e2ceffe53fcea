//! A response of the core as actix sends it: status, headers and body, copied in order.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::body::{BodyStream, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use mizan_core::{Body, HeaderName, Response};

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
        // An error in the middle ends the connection, so that nobody takes the body for a whole one.
        Body::Chunks(chunks) => BodyStream::new(Broken(chunks)).boxed(),
    }
}

fn named(header: &HeaderName) -> Option<header::HeaderName> {
    match header {
        HeaderName::Protocol(header) => Some(name(*header).clone()),
        HeaderName::Other(text) => header::HeaderName::try_from(&**text).ok(),
    }
}

fn text(value: Cow<'static, str>) -> Option<HeaderValue> {
    match value {
        Cow::Borrowed(text) => Some(HeaderValue::from_static(text)),
        Cow::Owned(text) => HeaderValue::try_from(text).ok(),
    }
}

/// Chunks whose errors are those of an HTTP library. The core has logged them.
struct Broken(mizan_core::Chunks);

impl futures_core::Stream for Broken {
    type Item = Result<actix_web::web::Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let broken = |_| std::io::Error::other("the body broke off");
        self.0.as_mut().poll_next(cx).map(|chunk| chunk.map(|chunk| chunk.map_err(broken)))
    }
}

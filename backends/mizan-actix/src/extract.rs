//! An actix request as the core sees it.

use std::net::SocketAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use mizan_core::{Header, Headers, Incoming};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrftoken");

/// The head of an actix request.
pub(crate) struct Head<'a>(pub(crate) &'a HttpRequest);

impl Incoming for Head<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn path(&self) -> &str {
        self.0.uri().path()
    }

    fn query(&self) -> &str {
        self.0.uri().query().unwrap_or_default()
    }

    fn header(&self, header: Header) -> Option<&[u8]> {
        let headers = self.0.headers();
        let value = match header {
            Header::ContentType => headers.get(header::CONTENT_TYPE),
            Header::ContentLength => headers.get(header::CONTENT_LENGTH),
            Header::Cookie => headers.get(header::COOKIE),
            Header::Host => headers.get(header::HOST),
            Header::Origin => headers.get(header::ORIGIN),
            Header::SecFetchSite => headers.get(SEC_FETCH_SITE),
            Header::CsrfToken => headers.get(CSRF_TOKEN),
            Header::RequestMethod => headers.get(header::ACCESS_CONTROL_REQUEST_METHOD),
        };
        value.map(|value| value.as_bytes())
    }

    fn headers(&self) -> Headers {
        self.0.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.0.peer_addr()
    }

    fn is_secure(&self) -> bool {
        self.0.app_config().secure()
    }
}

//! An actix request as the core sees it.

use std::net::SocketAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use mizan_core::{Headers, ProtocolHeader, RequestHead};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrftoken");

/// The head of an actix request.
pub(crate) struct Head<'a>(pub(crate) &'a HttpRequest);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn path(&self) -> &str {
        self.0.uri().path()
    }

    fn query(&self) -> &str {
        self.0.uri().query().unwrap_or_default()
    }

    fn header(&self, header: ProtocolHeader) -> Option<&[u8]> {
        let headers = self.0.headers();
        let value = match header {
            ProtocolHeader::ContentType => headers.get(header::CONTENT_TYPE),
            ProtocolHeader::ContentLength => headers.get(header::CONTENT_LENGTH),
            ProtocolHeader::Cookie => headers.get(header::COOKIE),
            ProtocolHeader::Host => headers.get(header::HOST),
            ProtocolHeader::Origin => headers.get(header::ORIGIN),
            ProtocolHeader::SecFetchSite => headers.get(SEC_FETCH_SITE),
            ProtocolHeader::CsrfToken => headers.get(CSRF_TOKEN),
            ProtocolHeader::RequestMethod => headers.get(header::ACCESS_CONTROL_REQUEST_METHOD),
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

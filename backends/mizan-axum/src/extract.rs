//! A request of hyper as the core sees it.

use std::net::SocketAddr;

use axum::http::Version;
use axum::http::request::Parts;
use axum::http::uri::Scheme;
use mizan_core::{Headers, ProtocolHeader, RequestHead};

use crate::names::name;

/// The head of a request, and who is at the other end of its connection.
pub(crate) struct Head<'a>(pub(crate) &'a Parts, pub(crate) Option<SocketAddr>);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method.as_str()
    }

    fn path(&self) -> &str {
        self.0.uri.path()
    }

    fn query(&self) -> &str {
        self.0.uri.query().unwrap_or_default()
    }

    fn header(&self, header: ProtocolHeader) -> Option<&[u8]> {
        let value = self.0.headers.get(name(header)).map(|value| value.as_bytes());
        // HTTP/2 names the host in the URI.
        if header == ProtocolHeader::Host && value.is_none() && self.0.version == Version::HTTP_2 {
            return self.0.uri.authority().map(|authority| authority.as_str().as_bytes());
        }
        value
    }

    fn headers(&self) -> Headers {
        self.0.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.1
    }

    fn is_secure(&self) -> bool {
        self.0.version == Version::HTTP_2 && self.0.uri.scheme() == Some(&Scheme::HTTPS)
    }
}

//! An actix request as the core sees it.

use std::net::SocketAddr;

use actix_web::HttpRequest;
use mizan_core::{Headers, ProtocolHeader, RequestHead};

use crate::names::name;

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
        self.0.headers().get(name(header)).map(|value| value.as_bytes())
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

//! Pages of other origins: off unless the builder names them.

use super::{ProtocolHeader, RequestHead, Response, header_text, is_below};

const METHODS: &str = "GET, HEAD, POST, DELETE";
const HEADERS: &str = "authorization, content-type, x-csrftoken, x-mizan-token";
const EXPOSED: &str = "retry-after, x-mizan-cache, x-mizan-invalidate";
/// How long a browser remembers a preflight, in seconds: the most that one of them takes.
const MAX_AGE: &str = "7200";

/// Which pages of other origins may use the protocol, by CORS. Everything below the mount point is
/// answered to them, with the headers that a client needs; routes are not.
///
/// There is no "every origin": whoever wants that has no caller to protect, and puts it in front.
#[derive(Debug, Clone)]
pub struct Cors {
    pub(crate) origins: Vec<String>,
    credentials: bool,
}

impl Cors {
    /// These origins, each as scheme, host and port (`https://app.example.org`).
    pub fn origins<O: Into<String>>(origins: impl IntoIterator<Item = O>) -> Self {
        Self { origins: origins.into_iter().map(Into::into).collect(), credentials: false }
    }

    /// Lets their requests carry cookies. A write then needs its CSRF token as from our own pages.
    /// Cookies are `SameSite=Lax`: only pages of the same site send them.
    pub fn with_credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// What a request is granted, if it comes from one of the origins and goes below the mount point.
    pub(crate) fn grant(&self, mount: &str, incoming: &dyn RequestHead) -> Option<Grant> {
        let below = is_below(mount, incoming.path());
        let origin = header_text(incoming, ProtocolHeader::Origin).filter(|_| below)?;
        let known = self.origins.iter().find(|known| *known == origin)?;
        Some(Grant { origin: known.clone(), credentials: self.credentials })
    }
}

/// What one request of another origin is granted.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    origin: String,
    credentials: bool,
}

impl Grant {
    /// The answer to a browser that asks before it sends.
    pub(crate) fn preflight(&self, incoming: &dyn RequestHead) -> Option<Response> {
        incoming
            .header(ProtocolHeader::RequestMethod)
            .filter(|_| incoming.method() == "OPTIONS")?;
        let mut reply = Response::json(Vec::new());
        reply.status = 204;
        let text = |name, value: &str| (name, value.to_owned());
        reply.headers = vec![
            text("access-control-allow-methods", METHODS),
            text("access-control-allow-headers", HEADERS),
            text("access-control-max-age", MAX_AGE),
        ];
        Some(reply)
    }

    /// An answer that the page may read.
    pub(crate) fn on(&self, mut reply: Response) -> Response {
        let mut add = |name, value: &str| reply.headers.push((name, value.to_owned()));
        add("access-control-allow-origin", &self.origin);
        add("access-control-expose-headers", EXPOSED);
        add("vary", "origin");
        if self.credentials {
            add("access-control-allow-credentials", "true");
        }
        reply
    }
}

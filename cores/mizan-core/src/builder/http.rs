//! How browsers know the server, and what responses tell them.

use super::Builder;
use crate::error::Result;
use crate::http::Cors;

impl Builder {
    /// The origin under which browsers know this server (`https://example.org`). Replaces the
    /// environment's `MIZAN_PUBLIC_ORIGIN`.
    ///
    /// Default: none. Example: `.public_origin("https://example.org")`.
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self {
        self.config.public_origin = Some(origin.into());
        self
    }

    /// Lets pages of other origins use the protocol. Off by default.
    ///
    /// Default: none. Example: `.cors(Cors::origins(["https://app.example.org"]).with_credentials())`.
    pub fn cors(mut self, cors: Cors) -> Self {
        self.config.cors = Some(cors);
        self
    }

    /// The hosts under which this server is asked, as they are in the header `Host`: `["example.org"]`, or
    /// `["localhost:3000"]` for one port alone. A request for any other is a 421 (`MISDIRECTED_REQUEST`), except for
    /// `/healthz` and `/readyz`. Replaces the environment's `MIZAN_HOSTS`, a list with commas. Off by default: every
    /// host is answered.
    ///
    /// Default: every host. Example: `.hosts(["example.org"])`.
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.config.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// The header `Content-Security-Policy` of pages: those of views, and those of files next to the protocol. A view
    /// that sets its own keeps that; an empty text leaves the header out.
    ///
    /// By default scripts come from files of this origin alone, styles may be in the page, and no one shows the
    /// page in a frame: `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;
    /// object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`.
    ///
    /// Default: files of this origin alone. Example: `.content_security_policy("default-src 'self'")`.
    pub fn content_security_policy(mut self, policy: impl Into<String>) -> Self {
        self.config.content_security_policy = Some(policy.into());
        self
    }

    /// Whether responses say in `X-Mizan-Cache` what the cache did. Replaces the environment's `MIZAN_CACHE_STATUS`
    /// (`0` or `1`); on by default. A stranger who may read a context learns from it whether someone has read an
    /// entry before.
    ///
    /// Default: `true`. Example: `.cache_status(false)`.
    pub fn cache_status(mut self, shown: bool) -> Self {
        self.config.cache_status = Some(shown);
        self
    }

    /// Declares that an edge in front of this server reads `X-Mizan-Invalidate` and takes it off every response. The
    /// header then names each target exactly. Without it, and in the body always, a target that a function names at run
    /// time (`request.invalidate`, `request.narrow_to`) is the name of its context where the caller does not know its
    /// values. If the header reaches callers, they learn the values of others.
    ///
    /// Default: `false`. Example: `.edge(true)`.
    pub fn edge(mut self, strips_header: bool) -> Self {
        self.config.has_edge = strips_header;
        self
    }

    /// Asks the application whether it can serve, its database for example. `/readyz` is a 503 while it fails, or
    /// takes longer than 2 s. It is asked once in a second at most, however often `/readyz` is.
    ///
    /// Default: none. Example: `.ready(|| async { Ok(()) })`.
    pub fn ready<F>(mut self, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.readiness.check = Some(Box::new(move || Box::pin(check())));
        self
    }
}

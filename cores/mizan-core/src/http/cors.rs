//! Pages of other origins: off unless the builder names them.

use super::{ProtocolHeader, RequestHead, Response, header_text};

const METHODS: &str = "GET, HEAD, POST, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, x-csrftoken, x-mizan-token";
const EXPOSED: &str = "retry-after, x-mizan-cache, x-mizan-invalidate, x-mizan-params";
/// How long a browser remembers a preflight, in seconds: the most that one of them takes.
const MAX_AGE: &str = "7200";

/// Which pages of other origins may use the protocol, by CORS. Everything below the mount point is
/// answered to them, with the headers that a client needs; routes are not.
///
/// There is no "every origin": if you want that, you have no caller to protect: set it in the proxy.
///
/// # Examples
/// ```
/// use mizan_core::{Builder, Cors};
///
/// let cors = Cors::origins(["https://app.example.org"]).with_credentials();
/// Builder::empty().allow_empty().cors(cors).build()?;
///
/// let wrong = Cors::origins(["https://app.example.org/page"]);
/// let error = Builder::empty().allow_empty().cors(wrong).build().unwrap_err();
/// assert_eq!(error.problems().len(), 1);
/// # Ok::<(), mizan_core::BuildError>(())
/// ```
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

    /// Lets their requests carry cookies. A write then needs its CSRF token as from this origin's pages.
    /// Cookies are `SameSite=Lax`: only pages of the same site send them.
    pub fn with_credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// What a request below the mount point is granted, if it comes from one of the origins.
    pub(crate) fn grant(&self, head: &dyn RequestHead) -> Option<Grant> {
        let origin = header_text(head, ProtocolHeader::Origin)?;
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
    /// The response to a browser that asks before it sends.
    pub(crate) fn preflight(&self, head: &dyn RequestHead) -> Option<Response> {
        head.header(ProtocolHeader::RequestMethod).filter(|_| head.method() == "OPTIONS")?;
        let response = Response::json(Vec::new()).with_status(204);
        let response = response
            .with(ProtocolHeader::AllowMethods, METHODS)
            .with(ProtocolHeader::AllowHeaders, HEADERS)
            .with(ProtocolHeader::MaxAge, MAX_AGE);
        Some(self.apply(response))
    }

    /// A response that the page may read.
    pub(crate) fn apply(&self, response: Response) -> Response {
        let response = response
            .with(ProtocolHeader::AllowOrigin, self.origin.clone())
            .with(ProtocolHeader::ExposeHeaders, EXPOSED)
            .with(ProtocolHeader::Vary, "origin");
        if self.credentials {
            return response.with(ProtocolHeader::AllowCredentials, "true");
        }
        response
    }
}

//! Cross-site request forgery: where a write may come from, and the token that proves it.
//!
//! A write that carries a cookie, or that a browser marks as cross-site, needs both: the request
//! comes from this server's origin, and `X-CSRFToken`, or the field `csrf_token` of a form, holds a token bound to the cookie `mizan_csrf` and to
//! the session. The token is `<random>.<HMAC-SHA256 over the random and both cookies>.<name of the session>`: no page of
//! another site can read one. Against a sibling domain that plants a cookie of its own choice are the check of the
//! origin and, behind an https `public_origin`, the prefix `__Host-`, which no other host can set.

use serde_json::json;

use super::cookie::CookieNames;
use super::{ProtocolHeader, RequestHead, header_text};
use crate::error::{Error, Result};
use crate::head::{Headers, cookies};
use crate::secret::{Secret, equal, hex, random};
use crate::session::name_of;

const PURPOSE: &str = "mizan-csrf";

/// What the check needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Csrf {
    pub(crate) secret: Secret,
    /// Scheme, host and port as browsers write them in `Origin`; without it those of the request.
    pub(crate) public_origin: Option<String>,
    /// Other origins whose pages may write.
    pub(crate) trusted: Vec<String>,
}

/// Where a request comes from, by its head.
#[derive(Debug)]
pub(crate) struct Provenance {
    cross_site: bool,
    /// The values of Mizan's two cookies, where the request carries any cookie.
    cookies: Option<(Option<String>, String)>,
    /// The token, where the request carries any cookie: without one it proves nothing.
    token: Option<String>,
}

impl Provenance {
    /// What names the browser that sends a request, once its token is verified; `None` where it sends no cookie.
    pub(crate) fn browser(&self) -> Option<&str> {
        self.cookies.as_ref()?.0.as_deref()
    }

    /// Passes what changes nothing, from any page that may write.
    pub(crate) fn check_origin(&self) -> Result<()> {
        if self.cross_site { Err(refused("the request comes from another site")) } else { Ok(()) }
    }
}

impl Csrf {
    pub(crate) fn cookie_names(&self) -> CookieNames {
        let origin = self.public_origin.as_ref();
        CookieNames { is_secure: origin.is_some_and(|origin| origin.starts_with("https://")) }
    }

    /// The values of Mizan's cookies: that of the token, and that of the session, empty where there is
    /// none. HTTP/2 may split the list of cookies into several headers.
    pub(crate) fn cookies(&self, headers: &Headers) -> (Option<String>, String) {
        let named = |name| cookies(headers.bytes("cookie"), name).map(str::to_owned);
        let names = self.cookie_names();
        (named(names.csrf()), named(names.session()).unwrap_or_default())
    }

    /// What a token proves to know: it is good for one cookie in one session.
    fn mac(&self, nonce: &str, cookie: &str, session: &str) -> String {
        hex(&self.secret.digest(PURPOSE, &[nonce, cookie, session]))
    }

    /// A value for the cookie, and the header that sets it.
    pub(crate) fn fresh_cookie(&self) -> (String, String) {
        let value = hex(&random::<16>());
        let names = self.cookie_names();
        let cookie = names.set(names.csrf(), &value, None);
        (value, cookie)
    }

    /// A token that is good for a cookie in a session.
    pub(crate) fn token(&self, cookie: &str, session: &str) -> String {
        let nonce = hex(&random::<16>());
        format!("{nonce}.{}.{}", self.mac(&nonce, cookie, session), tag(session))
    }

    /// What a request brings of the proof. Pages of other origins that are trusted are so below the
    /// mount point only.
    pub(crate) fn provenance(&self, head: &dyn RequestHead, below_mount: bool) -> Provenance {
        let has_cookie = head.header(ProtocolHeader::Cookie).is_some();
        let trusted = if below_mount { &self.trusted[..] } else { &[] };
        let token = || header_text(head, ProtocolHeader::CsrfToken).map(str::to_owned);
        Provenance {
            cross_site: !self.same_origin(head, trusted),
            cookies: has_cookie.then(|| self.cookies(&head.headers())),
            token: has_cookie.then(token).flatten(),
        }
    }

    /// Passes a write without a verified bearer token, or refuses it with a 403 whose details say
    /// `"reason": "csrf"`. `field` is the token of a form.
    pub(crate) fn check(&self, provenance: &Provenance, field: Option<&str>) -> Result<()> {
        provenance.check_origin()?;
        let Some((value, session)) = &provenance.cookies else { return Ok(()) };
        let (Some(value), Some(token)) = (value, provenance.token.as_deref().or(field)) else {
            return Err(refused("the CSRF token is missing"));
        };
        let valid = token.split_once('.').is_some_and(|(nonce, rest)| {
            let expected = format!("{}.{}", self.mac(nonce, value, session), tag(session));
            is_random(nonce) && equal(expected.as_bytes(), rest.as_bytes())
        });
        valid.then_some(()).ok_or_else(|| refused("the CSRF token is not valid"))
    }

    /// Whether a browser marks the request as coming from a page of this origin. Programs send neither header.
    fn same_origin(&self, head: &dyn RequestHead, trusted: &[String]) -> bool {
        let origin = head.header(ProtocolHeader::Origin);
        if origin.is_some_and(|origin| trusted.iter().any(|own| own.as_bytes() == origin)) {
            return true;
        }
        let public = self.public_origin.as_ref();
        // If this server's origin is known, a browser's mark that another one is the same is not enough: several names
        // may lead to this server.
        if public.zip(origin).is_some_and(|(public, origin)| public.as_bytes() != origin) {
            return false;
        }
        if let Some(site) = head.header(ProtocolHeader::SecFetchSite) {
            return matches!(site, b"same-origin" | b"none");
        }
        let Some(origin) = origin else { return true };
        public.is_some() || {
            let scheme = if head.is_secure() { "https" } else { "http" };
            header_text(head, ProtocolHeader::Host)
                .filter(|host| !host.is_empty())
                .is_some_and(|host| origin_text(scheme, host).as_bytes() == origin)
        }
    }
}

/// An origin as browsers write it: scheme and host in lower case, the port only where it is not the
/// scheme's own.
pub(crate) fn origin_text(scheme: &str, host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    format!("{scheme}://{}", host.strip_suffix(default_port).unwrap_or(&host))
}

/// What names a session in a token: a client sees by a new one that the session is another.
fn tag(session: &str) -> String {
    name_of(session).chars().take(16).collect()
}

fn refused(message: &'static str) -> Error {
    Error::forbidden(message).with_details(json!({ "reason": "csrf" }))
}

/// Whether a text is a random value of Mizan's form.
pub(crate) fn is_random(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

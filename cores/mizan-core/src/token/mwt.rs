//! The edge identity token: who a user is, for cache keys. It opens reads, and nothing else.

use serde::Serialize;

use super::claims::Claims;
use super::jws::{Refused, sign, verify};
use super::ring::KeyRing;

/// Whom such a token is for.
pub(crate) const AUDIENCE: &str = "mizan";

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mwt {
    /// The subject, as the text it is: `"012"` is not `"12"`.
    pub(crate) subject: String,
    pub(crate) staff: bool,
    pub(crate) superuser: bool,
    /// The digest of the rights from when it was made.
    pub(crate) rights_digest: String,
    /// The session that it was given for, if the issuer names it.
    pub(crate) session: Option<String>,
}

impl Mwt {
    /// Reads a token at a time in seconds since the epoch.
    pub(crate) fn read(
        token: &str,
        ring: &KeyRing,
        now: u64,
        (longest, leeway): (u64, u64),
    ) -> Result<Self, Refused> {
        let map = verify(token, ring)?;
        let claims = Claims { map: &map, now, leeway };
        claims.audience(AUDIENCE)?;
        claims.times(longest)?;
        Ok(Self {
            subject: claims.text("sub", "it has no `sub`")?,
            staff: claims.flag_or_false("staff", "its `staff` is not a boolean")?,
            superuser: claims.flag_or_false("super", "its `super` is not a boolean")?,
            rights_digest: claims.text("pkey", "it has no `pkey`")?,
            session: if map.contains_key("sid") {
                Some(claims.text("sid", "invalid `sid`")?)
            } else {
                None
            },
        })
    }

    /// Makes a token that is good for `ttl` seconds from `now` on.
    pub(crate) fn mint(&self, ring: &KeyRing, now: u64, ttl: u64) -> Result<String, Refused> {
        let claims = Written {
            sub: &self.subject,
            staff: self.staff,
            superuser: self.superuser,
            pkey: &self.rights_digest,
            aud: AUDIENCE,
            iat: now,
            nbf: now,
            exp: now.saturating_add(ttl),
            sid: self.session.as_deref(),
        };
        sign(&claims, ring)
    }
}

/// The claims in the order in which other implementations write them.
#[derive(Serialize)]
struct Written<'a> {
    sub: &'a str,
    staff: bool,
    #[serde(rename = "super")]
    superuser: bool,
    pkey: &'a str,
    aud: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}

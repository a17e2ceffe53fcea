//! Access and refresh tokens: a login for clients that hold no cookie.

use serde::Serialize;
use serde_json::Value;

use super::claims::Claims;
use super::jws::{Refused, sign, verify};
use super::ring::KeyRing;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens functions, for minutes.
    Access,
    /// Buys a new pair, once.
    Refresh,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// How tokens are made and read.
#[derive(Debug, Clone)]
pub(crate) struct JwtRules {
    pub(crate) ring: KeyRing,
    /// Lifetimes, in seconds.
    pub(crate) access_ttl: u64,
    pub(crate) refresh_ttl: u64,
    /// Issued, and required where set; refused where not.
    pub(crate) audience: Option<String>,
    pub(crate) issuer: Option<String>,
    /// How far clocks may differ, in seconds.
    pub(crate) leeway: u64,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jwt {
    /// The subject, as the text it is.
    pub(crate) subject: String,
    /// The session that it depends on.
    pub(crate) session: String,
    pub(crate) staff: bool,
    pub(crate) superuser: bool,
    /// Which of its kind it is, so that a refresh token is good once.
    pub(crate) id: Option<String>,
}

impl Jwt {
    /// Reads a token of one kind at a time in seconds since the epoch.
    pub(crate) fn read(
        token: &str,
        kind: Kind,
        rules: &JwtRules,
        now: u64,
    ) -> Result<Self, Refused> {
        let map = verify(token, &rules.ring)?;
        let claims = Claims { map: &map, now, leeway: rules.leeway };
        if map.get("type").and_then(Value::as_str) != Some(kind.name()) {
            return Err(Refused("it is a token of another kind"));
        }
        let longest = match kind {
            Kind::Access => rules.access_ttl,
            Kind::Refresh => rules.refresh_ttl,
        };
        claims.times(longest)?;
        match &rules.audience {
            Some(audience) => claims.audience(audience)?,
            None => claims.no_audience()?,
        }
        if let Some(issuer) = &rules.issuer
            && map.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(Refused("its `iss` is another issuer"));
        }
        Ok(Self {
            subject: claims.text("sub", "it has no `sub`")?,
            session: claims.text("sid", "it has no `sid`")?,
            staff: claims.flag("staff", "it has no `staff`")?,
            superuser: claims.flag("super", "it has no `super`")?,
            id: match kind {
                Kind::Access => None,
                Kind::Refresh => Some(claims.text("jti", "it has no `jti`")?),
            },
        })
    }

    /// Makes a token of one kind at a time in seconds since the epoch.
    pub(crate) fn mint(&self, kind: Kind, rules: &JwtRules, now: u64) -> Result<String, Refused> {
        let ttl = match kind {
            Kind::Access => rules.access_ttl,
            Kind::Refresh => rules.refresh_ttl,
        };
        let claims = Written {
            sub: &self.subject,
            sid: &self.session,
            staff: self.staff,
            superuser: self.superuser,
            kind: kind.name(),
            iat: now,
            exp: now.saturating_add(ttl),
            aud: rules.audience.as_deref(),
            iss: rules.issuer.as_deref(),
            jti: self.id.as_deref(),
        };
        sign(&claims, &rules.ring)
    }
}

/// The claims in the order in which other implementations write them.
#[derive(Serialize)]
struct Written<'a> {
    sub: &'a str,
    sid: &'a str,
    staff: bool,
    #[serde(rename = "super")]
    superuser: bool,
    #[serde(rename = "type")]
    kind: &'a str,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
}

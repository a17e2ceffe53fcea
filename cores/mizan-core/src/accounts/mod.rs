//! The sign-in of the framework: sessions, access and refresh tokens, and the edge token, over a
//! store of sessions and the application's own store of users.

mod endpoints;
mod handle;
mod policy;
mod setup;

use std::time::Duration;

use crate::clock::seconds_now;
use crate::error::{Error, Result};
use crate::head::RequestParts;
use crate::http::CookieNames;
use crate::identity::{Identity, IdentityFuture};
use crate::session::{Session, SessionKeys, SessionStore};
use crate::token::{Jwt, JwtRules, KeyRing, Kind, Mwt, Refused};

pub(crate) use handle::Handle;
pub use policy::TokenPolicy;
pub(crate) use setup::AccountSetup;

/// The users of an application, as their rights are now.
///
/// # Examples
/// ```
/// use std::collections::HashSet;
///
/// use mizan_core::{Builder, Identity, IdentityFuture, UserStore};
///
/// /// Usually a connection pool: the rights are read from the database each time.
/// struct Staff(HashSet<String>);
///
/// impl UserStore for Staff {
///     fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
///         Box::pin(async move {
///             Ok(self.0.contains(subject).then(|| Identity::new(subject).staff(true)))
///         })
///     }
/// }
///
/// let users = Staff(["7".to_owned()].into());
/// Builder::empty().allow_empty().users(users).build()?;
/// # Ok::<(), mizan_core::BuildError>(())
/// ```
pub trait UserStore: Send + Sync + 'static {
    /// Who a subject is, with the rights of this moment; `None` where there is no such user, or none
    /// that may sign in. Asked on every request of a user who has signed in.
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a>;
}

/// How edge tokens are made and read.
#[derive(Debug, Clone)]
pub(crate) struct MwtRules {
    pub(crate) ring: KeyRing,
    /// Lifetime, in seconds.
    pub(crate) ttl: u64,
    /// How far the clock of the issuer may be ahead of this server's, in seconds.
    pub(crate) leeway: u64,
}

/// Everything that decides who is calling.
pub(crate) struct Accounts {
    pub(crate) users: Box<dyn UserStore>,
    pub(crate) sessions: Box<dyn SessionStore>,
    pub(crate) jwt: JwtRules,
    pub(crate) mwt: MwtRules,
    /// What the ids of sessions are made under.
    pub(crate) session_keys: SessionKeys,
    /// How long a session lasts without a sign-in.
    pub(crate) session_ttl: Duration,
    /// For how long a refresh token may come once more.
    pub(crate) refresh_grace: Duration,
    /// How many sessions one subject has at one time.
    pub(crate) sessions_per_subject: usize,
    /// Whether the session of a token is looked for on every use.
    pub(crate) validate_session: bool,
    pub(crate) cookies: CookieNames,
}

/// What is asked for: a token of the edge opens reads only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Other,
}

/// What proved who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Bearer,
    Cookie,
    Edge,
}

/// Who is calling.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    pub(crate) identity: Option<Identity>,
    pub(crate) proof: Option<Proof>,
    /// The id of the session that the proof depends on.
    pub(crate) session: Option<String>,
    /// The id of the cookie's session, which is another one next to a bearer token.
    pub(crate) cookie: Option<String>,
    /// Whether the browser holds a cookie of a session that is over.
    pub(crate) expired: bool,
}

impl Caller {
    /// The ids of every session that the request depends on, that of the proof first.
    pub(crate) fn sessions(&self) -> Vec<String> {
        let cookie = self.cookie.iter().filter(|cookie| self.session.as_ref() != Some(cookie));
        self.session.iter().chain(cookie).cloned().collect()
    }
}

impl Accounts {
    /// Decides who is calling. Every token that is present must be good, and all must be of one user;
    /// a bearer token wins over the cookie, and that over the edge token.
    pub(crate) async fn identify(&self, parts: &RequestParts, access: Access) -> Result<Caller> {
        only_one(parts, "authorization")?;
        only_one(parts, "x-mizan-token")?;
        let bearer = match bearer(parts) {
            Some(token) => Some(self.proved_by_bearer(token).await?),
            None => None,
        };
        let cookie = match parts.cookie(self.cookies.session()).filter(|secret| !secret.is_empty())
        {
            Some(secret) => self.by_cookie(secret).await?,
            None => Caller::default(),
        };
        let edge = match parts.headers.get("x-mizan-token").filter(|token| !token.is_empty()) {
            Some(token) => Some(self.by_edge_token(token).await?),
            None => None,
        };
        let (expired, own) = (cookie.expired, cookie.session.clone());
        let all = [bearer, Some(cookie), edge].into_iter().flatten();
        let known: Vec<Caller> = all.filter(|caller| caller.identity.is_some()).collect();
        let subject =
            |caller: &Caller| caller.identity.as_ref().map(|own| own.subject().to_owned());
        if known.windows(2).any(|pair| subject(&pair[0]) != subject(&pair[1])) {
            return Err(refused("two tokens are of different users"));
        }
        let opens = |caller: &Caller| access == Access::Read || caller.proof != Some(Proof::Edge);
        let caller = known.into_iter().find(opens).unwrap_or_default();
        Ok(Caller { expired, cookie: own, ..caller })
    }

    async fn proved_by_bearer(&self, token: &str) -> Result<Caller> {
        let jwt = Jwt::read(token, Kind::Access, &self.jwt, seconds_now()).map_err(not_good)?;
        self.check_session(&jwt.session, &jwt.subject).await?;
        let identity = self.users.identity(&jwt.subject).await?;
        let identity = identity.ok_or_else(|| refused("there is no such user"))?;
        Ok(Caller {
            identity: Some(identity.proved_by_bearer()),
            proof: Some(Proof::Bearer),
            session: Some(jwt.session),
            ..Caller::default()
        })
    }

    async fn by_cookie(&self, secret: &str) -> Result<Caller> {
        let over = Caller { expired: true, ..Caller::default() };
        let mut ids = self.session_keys.ids(secret);
        let Some((at, session)) = self.sessions.find_first(&ids).await? else { return Ok(over) };
        // A session of a cookie depends on none.
        let id = ids.swap_remove(at.min(ids.len() - 1));
        match self.users.identity(&session.subject).await? {
            Some(identity) => Ok(Caller {
                identity: Some(identity),
                proof: Some(Proof::Cookie),
                session: Some(id),
                ..Caller::default()
            }),
            None => {
                self.sessions.end(&id).await?;
                Ok(over)
            }
        }
    }

    async fn by_edge_token(&self, token: &str) -> Result<Caller> {
        let mwt = Mwt::read(token, &self.mwt.ring, seconds_now(), (self.mwt.ttl, self.mwt.leeway))
            .map_err(not_good)?;
        if let Some(session) = &mwt.session {
            self.check_session(session, &mwt.subject).await?;
        }
        let identity = self.users.identity(&mwt.subject).await?;
        let identity = identity.ok_or_else(|| refused("there is no such user"))?;
        if identity.rights_digest() != mwt.rights_digest {
            return Err(refused("its rights are not those of now"));
        }
        let proof = Some(Proof::Edge);
        Ok(Caller { identity: Some(identity), proof, ..Caller::default() })
    }

    /// Refuses a token whose session is over, unless the policy does not look.
    async fn check_session(&self, id: &str, subject: &str) -> Result<()> {
        if !self.validate_session {
            return Ok(());
        }
        match self.live(id).await? {
            Some(session) if session.subject == subject => Ok(()),
            _ => Err(refused("its session is over")),
        }
    }

    /// A session that is not over, and whose parent is not.
    pub(crate) async fn live(&self, id: &str) -> Result<Option<Session>> {
        let Some(session) = self.sessions.find(id).await? else { return Ok(None) };
        match &session.parent {
            Some(parent) if self.sessions.find(parent).await?.is_none() => Ok(None),
            _ => Ok(Some(session)),
        }
    }
}

/// Refuses a credential that is sent twice, or is not UTF-8: Mizan does not guess which one is meant.
fn only_one(parts: &RequestParts, header: &str) -> Result<()> {
    let mut values = parts.headers.bytes(header);
    let text = values.next().is_none_or(|value| std::str::from_utf8(value).is_ok());
    if text && values.next().is_none() {
        Ok(())
    } else {
        Err(refused("it is sent twice, or is not UTF-8"))
    }
}

/// The token of `Authorization: Bearer`. An empty one counts as absent, and so does another scheme.
fn bearer(parts: &RequestParts) -> Option<&str> {
    let header = parts.headers.get("authorization")?.trim();
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn not_good(why: Refused) -> Error {
    refused(why.0)
}

/// A 401 whose reason is in the log only.
pub(crate) fn refused(why: &'static str) -> Error {
    tracing::info!(why, "a credential is refused");
    Error::unauthorized("the credential is not valid")
}

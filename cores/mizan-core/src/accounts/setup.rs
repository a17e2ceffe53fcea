//! What the sign-in is made of, from the builder and the environment.

use std::time::Duration;

use super::{Accounts, MwtRules, TokenPolicy, UserStore};
use crate::config::{secret, text, variable};
use crate::graph::BuildError;
use crate::secret::Secret;
use crate::session::{MemorySessions, SessionStore};
use crate::token::{JwtRules, KeyRing};

/// Two weeks.
const SESSION_TTL: Duration = Duration::from_secs(14 * 24 * 60 * 60);

const LONGEST_SESSION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What the builder was given.
#[derive(Default)]
pub(crate) struct AccountSetup {
    pub(crate) users: Option<Box<dyn UserStore>>,
    pub(crate) sessions: Option<Box<dyn SessionStore>>,
    pub(crate) jwt_keys: Option<KeyRing>,
    pub(crate) edge_keys: Option<KeyRing>,
    pub(crate) session_ttl: Option<Duration>,
    pub(crate) tokens: TokenPolicy,
}

impl AccountSetup {
    /// Adds the environment; `None` where the application has no users. `private` is the secret of
    /// `JWT_PRIVATE_KEY`.
    pub(crate) fn resolve(
        self,
        private: &Secret,
        secure: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Accounts>, BuildError> {
        let Some(users) = self.users else { return Ok(None) };
        let ring = match self.jwt_keys {
            Some(ring) => ring,
            None => ring(private)?,
        };
        let mwt = match (self.edge_keys, secret("MIZAN_MWT_SECRET", None)?) {
            (Some(ring), _) => ring,
            (None, Some(secret)) => KeyRing::new(secret),
            (None, None) => {
                warnings.push(
                    "`MIZAN_MWT_SECRET` is not set: edge tokens are made under a random key, good until this process \
                     ends and at no edge"
                        .into(),
                );
                KeyRing::new(Secret::random())
            }
        };
        let sessions = match (self.sessions, variable("MIZAN_SESSION_REDIS_URL")?) {
            (Some(sessions), _) => sessions,
            (None, Some(url)) => redis(&url)?,
            (None, None) => {
                warnings.push(
                    "`MIZAN_SESSION_REDIS_URL` is not set: sessions are kept in memory, until this process ends and in \
                     no other one"
                        .into(),
                );
                Box::new(MemorySessions::default())
            }
        };
        let session_ttl = self.session_ttl.unwrap_or(SESSION_TTL);
        if !(Duration::from_secs(1)..=LONGEST_SESSION).contains(&session_ttl) {
            return Err(BuildError::single(
                format!("a session of {} seconds is none", session_ttl.as_secs()),
                "give `.session_ttl(…)` a time between one second and ten years",
            ));
        }
        let policy = self.tokens.settle()?;
        if !policy.validate_session {
            warnings.push(
                "`JWT_VALIDATE_SESSION` is off: an access token outlives the sign-out by its own lifetime".into(),
            );
        }
        Ok(Some(Accounts {
            users,
            sessions,
            jwt: JwtRules {
                ring,
                access_ttl: policy.access_ttl,
                refresh_ttl: policy.refresh_ttl,
                audience: policy.audience,
                issuer: policy.issuer,
                leeway: policy.leeway,
            },
            mwt: MwtRules { ring: mwt, ttl: policy.edge_ttl },
            session_ttl,
            validate_session: policy.validate_session,
            secure,
        }))
    }
}

#[cfg(feature = "redis")]
fn redis(url: &str) -> Result<Box<dyn SessionStore>, BuildError> {
    Ok(Box::new(crate::session::RedisSessions::named("`MIZAN_SESSION_REDIS_URL`", url)?))
}

#[cfg(not(feature = "redis"))]
fn redis(_: &str) -> Result<Box<dyn SessionStore>, BuildError> {
    Err(BuildError::single(
        "`MIZAN_SESSION_REDIS_URL` is set and this build knows no Redis",
        "turn on the feature `redis` of mizan-core, or unset it: several processes with sessions of their own would \
         sign everybody out at random",
    ))
}

/// The ring of the environment: `JWT_PRIVATE_KEY` under `JWT_ALGORITHM`.
fn ring(private: &Secret) -> Result<KeyRing, BuildError> {
    match text("JWT_ALGORITHM")?.as_deref() {
        None | Some("HS256") => Ok(KeyRing::new(private.clone())),
        #[cfg(feature = "rs256")]
        Some("RS256") => {
            let pem = std::str::from_utf8(private.bytes()).unwrap_or_default();
            KeyRing::rs256(pem).map_err(|fault| {
                BuildError::single(
                    format!("`JWT_PRIVATE_KEY` is no key for RS256: {fault}"),
                    "set it to the text of a PEM file, for example the output of `openssl genrsa 2048`",
                )
            })
        }
        #[cfg(not(feature = "rs256"))]
        Some("RS256") => Err(BuildError::single(
            "`JWT_ALGORITHM` is RS256 and this build knows HS256 only",
            "turn on the feature `rs256` of mizan-core",
        )),
        Some(_) => Err(BuildError::single(
            "`JWT_ALGORITHM` names no algorithm that is taken",
            "write HS256 or RS256, or unset it, which means HS256",
        )),
    }
}

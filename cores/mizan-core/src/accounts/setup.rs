//! What the sign-in is made of, from the builder and the environment.

use std::time::Duration;

use super::{Accounts, MwtRules, UserStore};
use crate::config::{secret, text, variable};
use crate::graph::BuildError;
use crate::secret::Secret;
use crate::session::{MemorySessions, SessionStore};
use crate::token::{JwtRules, KeyRing};

const ACCESS_TTL: u64 = 300;
const REFRESH_TTL: u64 = 604_800;
const MWT_TTL: u64 = 300;
/// Two weeks.
const SESSION_TTL: Duration = Duration::from_secs(14 * 24 * 60 * 60);

const LONGEST_SESSION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What the builder was given.
#[derive(Default)]
pub(crate) struct AccountSetup {
    pub(crate) users: Option<Box<dyn UserStore>>,
    pub(crate) sessions: Option<Box<dyn SessionStore>>,
    pub(crate) jwt_keys: Option<KeyRing>,
    pub(crate) mwt_keys: Option<KeyRing>,
    pub(crate) session_ttl: Option<Duration>,
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
        let mwt = match (self.mwt_keys, secret("MIZAN_MWT_SECRET", None)?) {
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
        let validate = text("JWT_VALIDATE_SESSION")?;
        let validate_session = match validate.as_deref() {
            None | Some("true" | "True" | "1") => true,
            Some("false" | "False" | "0") => {
                warnings.push(
                    "`JWT_VALIDATE_SESSION` is off: an access token outlives the sign-out by its own lifetime".into(),
                );
                false
            }
            Some(_) => {
                return Err(BuildError::single(
                    "`JWT_VALIDATE_SESSION` is neither true nor false",
                    "write `true` or `false`, or unset it, which means true",
                ));
            }
        };
        Ok(Some(Accounts {
            users,
            sessions,
            jwt: JwtRules {
                ring,
                access_ttl: seconds("JWT_ACCESS_TOKEN_EXPIRES_IN", ACCESS_TTL)?,
                refresh_ttl: seconds("JWT_REFRESH_TOKEN_EXPIRES_IN", REFRESH_TTL)?,
                audience: variable("JWT_AUDIENCE")?,
                issuer: variable("JWT_ISSUER")?,
                leeway: 0,
            },
            mwt: MwtRules { ring: mwt, ttl: seconds("MIZAN_MWT_TTL", MWT_TTL)? },
            session_ttl,
            validate_session,
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

fn seconds(name: &str, default: u64) -> Result<u64, BuildError> {
    let Some(text) = text(name)? else { return Ok(default) };
    match text.parse::<u64>() {
        Ok(seconds) if (1..=31_536_000).contains(&seconds) => Ok(seconds),
        _ => Err(BuildError::single(
            format!("`{name}` is no number of seconds"),
            format!("write a whole number from 1 to 31536000, or unset it, which means {default}"),
        )),
    }
}

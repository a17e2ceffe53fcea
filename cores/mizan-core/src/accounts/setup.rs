//! What the sign-in is made of, from the builder and the environment.

use std::time::Duration;

use super::{Accounts, MwtRules, TokenPolicy, UserStore};
use crate::environment::{secret, text, variable};
use crate::error::{BuildError, BuildProblem, BuildProblems};
use crate::http::CookieNames;
use crate::secret::Secret;
use crate::session::{MemorySessions, SessionKeys, SessionStore};
use crate::token::{JwtRules, KeyRing};

/// How many sessions one subject has at one time, unless said otherwise.
const PER_SUBJECT: usize = 100;

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
    pub(crate) sessions_per_subject: Option<usize>,
    pub(crate) tokens: TokenPolicy,
}

impl AccountSetup {
    /// Adds the environment; `None` where the application has no users, or where a mistake, which is
    /// added to the list, leaves nothing to go on with. `private` is the secret of `JWT_PRIVATE_KEY`, and whether it
    /// was given.
    pub(crate) fn resolve(
        self,
        (private, is_given): (Option<&Secret>, bool),
        cookies: CookieNames,
        problems: &mut BuildProblems,
        warnings: &mut Vec<String>,
    ) -> Option<Accounts> {
        let users = self.users?;
        let jwt = match (self.jwt_keys, private) {
            (Some(ring), _) => Some(ring),
            (None, Some(private)) => problems.take(ring(private)),
            (None, None) => None,
        };
        let mwt = edge_ring(self.edge_keys, problems, warnings);
        let sessions = session_store(self.sessions, problems, warnings);
        if sessions.as_ref().is_some_and(|sessions| sessions.is_shared()) && !is_given {
            problems.add(BuildProblem::new(
                "sessions in a store that outlives this process need `JWT_PRIVATE_KEY`, and it is not set",
                "set it to the output of `openssl rand -hex 32`, the same at every start and for every process: the \
                 ids of sessions are made under it, so with a random key a restart would sign everybody out",
            ));
        }
        let older = jwt.iter().flat_map(KeyRing::keys);
        let session_keys = private.map(|private| SessionKeys::new(private.clone(), older));
        let per_subject = problems.take(per_subject(self.sessions_per_subject));
        let session_ttl = self.session_ttl.unwrap_or(SESSION_TTL);
        if !(Duration::from_secs(1)..=LONGEST_SESSION).contains(&session_ttl) {
            problems.add(BuildProblem::new(
                format!(
                    "session lifetime must be between 1 second and 10 years (got {} s)",
                    session_ttl.as_secs()
                ),
                "give `.session_ttl(…)` a time between one second and ten years",
            ));
        }
        let policy = self.tokens.settle(problems);
        if policy.as_ref().is_some_and(|policy| !policy.validate_session) {
            warnings.push(
                "`JWT_VALIDATE_SESSION` is off: an access token outlives the sign-out by its own lifetime".into(),
            );
        }
        let policy = policy?;
        Some(Accounts {
            users,
            sessions: sessions?,
            jwt: JwtRules {
                ring: jwt?,
                access_ttl: policy.access_ttl,
                refresh_ttl: policy.refresh_ttl,
                audience: policy.audience,
                issuer: policy.issuer,
                leeway: policy.leeway,
            },
            mwt: MwtRules { ring: mwt?, ttl: policy.edge_ttl, leeway: policy.edge_leeway },
            session_keys: session_keys?,
            session_ttl,
            refresh_grace: policy.refresh_grace,
            sessions_per_subject: per_subject?,
            validate_session: policy.validate_session,
            cookies,
        })
    }
}

fn per_subject(given: Option<usize>) -> Result<usize, BuildError> {
    let number = match (given, text("MIZAN_SESSIONS_PER_SUBJECT")?) {
        (Some(given), _) => Some(given),
        (None, Some(text)) => text.parse().ok(),
        (None, None) => Some(PER_SUBJECT),
    };
    number.filter(|number| *number > 0).ok_or_else(|| {
        BuildError::single(
            "`MIZAN_SESSIONS_PER_SUBJECT` is not a number of sessions",
            format!("give an integer of 1 or more, or none, which means {PER_SUBJECT}"),
        )
    })
}

fn edge_ring(
    given: Option<KeyRing>,
    problems: &mut BuildProblems,
    warnings: &mut Vec<String>,
) -> Option<KeyRing> {
    let secret = problems.take(secret("MIZAN_MWT_SECRET", None));
    match (given, secret?) {
        (Some(ring), _) => Some(ring),
        (None, Some(secret)) => Some(KeyRing::new(secret)),
        (None, None) => {
            warnings.push(
                "`MIZAN_MWT_SECRET` is not set: edge tokens are made under a random key, good until this process \
                 ends and at no edge"
                    .into(),
            );
            Some(KeyRing::new(Secret::random()))
        }
    }
}

fn session_store(
    given: Option<Box<dyn SessionStore>>,
    problems: &mut BuildProblems,
    warnings: &mut Vec<String>,
) -> Option<Box<dyn SessionStore>> {
    let url = problems.take(variable("MIZAN_SESSION_REDIS_URL"));
    match (given, url?) {
        (Some(sessions), _) => Some(sessions),
        (None, Some(url)) => problems.take(redis(&url)),
        (None, None) => {
            warnings.push(
                "sessions are kept in memory, until this process ends and in no other one: give `.sessions(…)` the \
                 `SqlSessions` of mizan-sqlx, or set `MIZAN_SESSION_REDIS_URL`"
                    .into(),
            );
            Some(Box::new(MemorySessions::default()))
        }
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
                    format!("`JWT_PRIVATE_KEY` is not a key for RS256: {fault}"),
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
            "`JWT_ALGORITHM` is not supported",
            "write HS256 or RS256, or unset it, which means HS256",
        )),
    }
}

//! How tokens are made and read: on the builder, else in the environment.

use std::time::Duration;

use crate::environment::{text, variable};
use crate::error::{BuildError, BuildProblem, BuildProblems};

/// The longest that a token may live: a year.
const LONGEST: u64 = 31_536_000;
/// The most that clocks may differ.
const LEEWAY: Duration = Duration::from_secs(5);

/// For how long a refresh token may come once more, unless said otherwise, and at most: in seconds.
const GRACE: u64 = 5;
const LONGEST_GRACE: u64 = 60;

/// How tokens are made and read. A field that is `None` comes from the environment, else it is the
/// default that is named here.
///
/// ```
/// use mizan_core::TokenPolicy;
/// use std::time::Duration;
///
/// let policy = TokenPolicy {
///     access_ttl: Some(Duration::from_secs(60)),
///     audience: Some("shop".into()),
///     ..TokenPolicy::default()
/// };
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenPolicy {
    /// How long an access token lives, in whole seconds up to a year. `JWT_ACCESS_TOKEN_EXPIRES_IN`,
    /// five minutes.
    pub access_ttl: Option<Duration>,
    /// How long a refresh token lives. `JWT_REFRESH_TOKEN_EXPIRES_IN`, a week.
    pub refresh_ttl: Option<Duration>,
    /// For how long a refresh token may come once more, and is given the successor that it was given the
    /// first time: two tabs, or a response that got lost. Up to a minute; none where it is zero.
    /// `JWT_REFRESH_TOKEN_GRACE`, five seconds.
    pub refresh_grace: Option<Duration>,
    /// How long an edge token lives. `MIZAN_MWT_TTL`, five minutes.
    pub edge_ttl: Option<Duration>,
    /// Whom access and refresh tokens are for: issued, and required. `JWT_AUDIENCE`, no one in
    /// particular.
    pub audience: Option<String>,
    /// Who gives them: issued, and required. `JWT_ISSUER`, none.
    pub issuer: Option<String>,
    /// Whether the session of a token is looked for on every use. `JWT_VALIDATE_SESSION`, it is.
    pub validate_session: Option<bool>,
    /// How far the clock of the issuer of an access or refresh token may be ahead of this server's (`iat`, `nbf`): none, and at
    /// most five seconds. Tokens end by this server's clock.
    pub leeway: Duration,
    /// The same for edge tokens, which several machines make: `MIZAN_MWT_LEEWAY`, five seconds, and at most that.
    pub edge_leeway: Option<Duration>,
}

/// The same with nothing left open; times in seconds.
pub(super) struct Settled {
    pub(super) access_ttl: u64,
    pub(super) refresh_ttl: u64,
    pub(super) refresh_grace: Duration,
    pub(super) edge_ttl: u64,
    pub(super) audience: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) validate_session: bool,
    pub(super) leeway: u64,
    pub(super) edge_leeway: u64,
}

impl TokenPolicy {
    /// Adds the environment; every mistake is added to the list.
    pub(super) fn settle(self, problems: &mut BuildProblems) -> Option<Settled> {
        for (name, leeway) in
            [("leeway", self.leeway), ("edge_leeway", self.edge_leeway.unwrap_or_default())]
        {
            if leeway > LEEWAY {
                problems.add(BuildProblem::new(
                    format!("clocks may not differ by {} seconds", leeway.as_secs()),
                    format!("give `{name}` at most five seconds, and set the clocks"),
                ));
            }
        }
        let edge_leeway = problems.take(edge_leeway(self.edge_leeway));
        let access_ttl =
            problems.take(seconds("JWT_ACCESS_TOKEN_EXPIRES_IN", self.access_ttl, 300));
        let refresh_ttl =
            problems.take(seconds("JWT_REFRESH_TOKEN_EXPIRES_IN", self.refresh_ttl, 604_800));
        let refresh_grace = problems.take(refresh_grace(self.refresh_grace));
        let edge_ttl = problems.take(seconds("MIZAN_MWT_TTL", self.edge_ttl, 300));
        let audience = problems.take(named("JWT_AUDIENCE", self.audience));
        let issuer = problems.take(named("JWT_ISSUER", self.issuer));
        let validate_session = match self.validate_session {
            Some(validate) => Some(validate),
            None => problems.take(truth("JWT_VALIDATE_SESSION")),
        };
        Some(Settled {
            access_ttl: access_ttl?,
            refresh_ttl: refresh_ttl?,
            refresh_grace: refresh_grace?,
            edge_ttl: edge_ttl?,
            audience: audience?,
            issuer: issuer?,
            validate_session: validate_session?,
            leeway: self.leeway.as_secs(),
            edge_leeway: edge_leeway?,
        })
    }
}

fn refresh_grace(given: Option<Duration>) -> Result<Duration, BuildError> {
    let grace = match (given, text("JWT_REFRESH_TOKEN_GRACE")?) {
        (Some(given), _) => Some(given),
        (None, Some(text)) => text.parse().ok().map(Duration::from_secs),
        (None, None) => Some(Duration::from_secs(GRACE)),
    };
    grace.filter(|grace| *grace <= Duration::from_secs(LONGEST_GRACE)).ok_or_else(|| {
        BuildError::single(
            format!(
                "`JWT_REFRESH_TOKEN_GRACE` is not a number of seconds from 0 to {LONGEST_GRACE}"
            ),
            format!("give an integer from 0 to {LONGEST_GRACE}, or none, which means {GRACE}"),
        )
    })
}

fn edge_leeway(given: Option<Duration>) -> Result<u64, BuildError> {
    let most = LEEWAY.as_secs();
    let seconds = match (given, text("MIZAN_MWT_LEEWAY")?) {
        (Some(given), _) => Some(given.as_secs()),
        (None, Some(text)) => text.parse().ok().filter(|seconds| *seconds <= most),
        (None, None) => Some(most),
    };
    seconds.ok_or_else(|| {
        BuildError::single(
            "`MIZAN_MWT_LEEWAY` is not a number of seconds from 0 to 5",
            "give an integer from 0 to 5, or none, which means 5",
        )
    })
}

fn named(name: &str, given: Option<String>) -> Result<Option<String>, BuildError> {
    match given {
        Some(given) => Ok(Some(given).filter(|text| !text.is_empty())),
        None => variable(name),
    }
}

fn truth(name: &str) -> Result<bool, BuildError> {
    match text(name)?.as_deref() {
        None | Some("true" | "True" | "1") => Ok(true),
        Some("false" | "False" | "0") => Ok(false),
        Some(_) => Err(BuildError::single(
            format!("`{name}` is neither true nor false"),
            "write `true` or `false`, or unset it, which means true",
        )),
    }
}

fn seconds(name: &str, given: Option<Duration>, default: u64) -> Result<u64, BuildError> {
    let seconds = match (given, text(name)?) {
        (Some(given), _) => Some(given.as_secs()),
        (None, Some(text)) => text.parse::<u64>().ok(),
        (None, None) => Some(default),
    };
    seconds.filter(|seconds| (1..=LONGEST).contains(seconds)).ok_or_else(|| {
        BuildError::single(
            format!("`{name}` is not a number of seconds"),
            format!("give an integer from 1 to {LONGEST}, or none, which means {default}"),
        )
    })
}

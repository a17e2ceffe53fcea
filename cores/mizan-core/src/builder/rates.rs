//! Rates, where they are counted, and whose word on an address counts.

use super::Builder;
use crate::environment::text;
#[cfg(feature = "redis")]
use crate::environment::variable;
use crate::error::{BuildProblem, BuildProblems};
use crate::function::{RATE_FORM, Rate};
use crate::http::Proxies;
#[cfg(feature = "redis")]
use crate::rates::RedisRates;
use crate::rates::{Limited, RateSetup, Time};

/// How often one caller may change their session, where the builder says nothing.
const SESSIONS: &str = "3000/min";

/// What the builder was given.
#[derive(Default)]
pub(super) struct RateConfig {
    pub(super) anonymous_reads: Option<String>,
    pub(super) anonymous_calls: Option<String>,
    /// `Some(None)` is off.
    pub(super) sessions: Option<Option<String>>,
    #[cfg(feature = "redis")]
    pub(super) store: Option<RedisRates>,
    pub(super) time: Option<Time>,
}

impl Builder {
    /// How often one address may run reads without being signed in: `"600/min"`. Each member of a bundle is a run, and
    /// so is a page. Off by default. A rate lets in its number at once, and one more for each part of its time.
    ///
    /// Default: off. Example: `.limit_anonymous_reads("600/min")`.
    pub fn limit_anonymous_reads(mut self, rate: impl Into<String>) -> Self {
        self.config.rates.anonymous_reads = Some(rate.into());
        self
    }

    /// How often one address may call functions without being signed in, all of them together: `"60/min"`. Off by
    /// default.
    ///
    /// Default: off. Example: `.limit_anonymous_calls("60/min")`.
    pub fn limit_anonymous_calls(mut self, rate: impl Into<String>) -> Self {
        self.config.rates.anonymous_calls = Some(rate.into());
        self
    }

    /// How often one caller may ask `session/jwt/`, `session/refresh/`, `session/mwt/` and `DELETE session/`, all of them
    /// together. `"3000/min"` by default; `None` turns it off.
    ///
    /// Default: `3000/min`. Example: `.limit_session_endpoints("300/min")`.
    pub fn limit_session_endpoints<'r>(mut self, rate: impl Into<Option<&'r str>>) -> Self {
        self.config.rates.sessions = Some(rate.into().map(str::to_owned));
        self
    }

    /// Counts rates in Redis, for every process that shares it. Replaces the environment's `MIZAN_RATE_REDIS_URL`, which
    /// is `MIZAN_SESSION_REDIS_URL` where it is not set; without either each process counts for itself.
    ///
    /// Default: in the memory of this process. Example: `.rate_store(RedisRates::new("redis://127.0.0.1:6380")?)`.
    #[cfg(feature = "redis")]
    pub fn rate_store(mut self, store: RedisRates) -> Self {
        self.config.rates.store = Some(store);
        self
    }

    /// The proxies in front of this server, as addresses or networks: `["10.0.0.0/8"]`. A request from one of them comes
    /// from the address that its `X-Forwarded-For` or `Forwarded` names, read from the right up to the first that is not
    /// such a proxy. Rates count that address. Replaces the environment's `MIZAN_TRUSTED_PROXIES`, a list with commas.
    ///
    /// Name a proxy only where clients cannot reach this server past it, and where it adds to the header or replaces it.
    ///
    /// Default: none. Example: `.trusted_proxies(["10.0.0.0/8"])`.
    pub fn trusted_proxies<P: Into<String>>(
        mut self,
        proxies: impl IntoIterator<Item = P>,
    ) -> Self {
        self.config.trusted_proxies = Some(proxies.into_iter().map(Into::into).collect());
        self
    }

    /// The clock of a test.
    #[cfg(test)]
    pub(crate) fn rate_clock(mut self, time: Time) -> Self {
        self.config.rates.time = Some(time);
        self
    }
}

impl RateConfig {
    pub(super) fn resolve(self, problems: &mut BuildProblems) -> RateSetup {
        let mut rate = |setter: &str, given: Option<String>| {
            let text = given?;
            let rate = Rate::parse(&text);
            if rate.is_none() {
                let message = format!("`{text}`, given to `.{setter}(…)`, is not a rate");
                problems.add(BuildProblem::new(message, RATE_FORM));
            }
            rate
        };
        let sessions = self.sessions.unwrap_or_else(|| Some(SESSIONS.into()));
        let limits = Limited {
            anonymous_reads: rate("limit_anonymous_reads", self.anonymous_reads),
            anonymous_calls: rate("limit_anonymous_calls", self.anonymous_calls),
            sessions: rate("limit_session_endpoints", sessions),
        };
        RateSetup {
            #[cfg(feature = "redis")]
            redis: self.store.or_else(|| from_environment(problems)),
            time: self.time,
            limits,
        }
    }
}

/// The Redis of rates, else that of sessions.
#[cfg(feature = "redis")]
fn from_environment(problems: &mut BuildProblems) -> Option<RedisRates> {
    for name in ["MIZAN_RATE_REDIS_URL", "MIZAN_SESSION_REDIS_URL"] {
        if let Some(url) = problems.take(variable(name))? {
            return problems.take(RedisRates::named(&format!("`{name}`"), &url));
        }
    }
    None
}

/// The proxies of the builder, else those of `MIZAN_TRUSTED_PROXIES`.
pub(super) fn proxies(given: Option<Vec<String>>, problems: &mut BuildProblems) -> Proxies {
    let given = given.unwrap_or_else(|| {
        let listed = problems.take(text("MIZAN_TRUSTED_PROXIES")).flatten().unwrap_or_default();
        listed.split(',').map(str::trim).filter(|own| !own.is_empty()).map(String::from).collect()
    });
    Proxies::parse(&given).unwrap_or_else(|wrong| {
        problems.add(BuildProblem::new(
            format!("`{wrong}` is not a trusted proxy"),
            "write an address or a network, for example `10.0.0.1`, `10.0.0.0/8` or `fd00::/8`",
        ));
        Proxies::default()
    })
}

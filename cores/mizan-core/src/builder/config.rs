//! Settings that an operator gives: on the builder, else in the environment.

use std::borrow::Cow;

use mizan_cache::CachePolicy;

use super::rates::{RateConfig, proxies};
use super::replays::ReplayConfig;
use crate::accounts::{AccountSetup, Accounts};
use crate::cache::{Cache, CacheSetup, MemoryCache};
use crate::environment::{flag, secret, text, variable};
use crate::error::{BuildError, BuildProblem, BuildProblems};
use crate::http::{
    CONTENT_SECURITY_POLICY, CookieNames, Cors, Csrf, Hosts, PageHeaders, Proxies, is_value,
    origin_text,
};
use crate::rates::RateSetup;
use crate::replays::ReplaySetup;
use crate::secret::{Secret, equal};
use crate::webhook::Webhook;

/// What the builder was given.
#[derive(Default)]
pub(crate) struct Config {
    pub(crate) accounts: AccountSetup,
    pub(crate) public_origin: Option<String>,
    pub(crate) jwt_private_key: Option<Secret>,
    pub(crate) cache: Option<Cache>,
    pub(crate) cache_secret: Option<Secret>,
    pub(crate) cache_policy: CachePolicy,
    pub(crate) no_cache: bool,
    pub(crate) cors: Option<Cors>,
    pub(crate) hosts: Option<Vec<String>>,
    pub(crate) content_security_policy: Option<String>,
    pub(crate) cache_status: Option<bool>,
    pub(crate) has_edge: bool,
    pub(super) rates: RateConfig,
    pub(super) replays: ReplayConfig,
    pub(crate) trusted_proxies: Option<Vec<String>>,
}

/// What the settings amount to.
pub(crate) struct Resolved {
    pub(crate) accounts: Option<Accounts>,
    pub(crate) csrf: Csrf,
    pub(crate) cache: Option<CacheSetup>,
    pub(crate) cors: Option<Cors>,
    pub(crate) hosts: Hosts,
    pub(crate) page_headers: PageHeaders,
    /// Whether responses say what the cache did.
    pub(crate) cache_status: bool,
    pub(crate) has_edge: bool,
    pub(crate) rates: RateSetup,
    pub(crate) replays: ReplaySetup,
    pub(crate) proxies: Proxies,
}

impl Config {
    /// Adds the environment and checks everything; every mistake is added to the list. What is made up
    /// because it was not set is a warning. `None` where a mistake leaves nothing to go on with.
    pub(crate) fn resolve(
        mut self,
        webhooks: &[(&str, &Webhook)],
        problems: &mut BuildProblems,
        warnings: &mut Vec<String>,
    ) -> Option<Resolved> {
        let cache = self.cache(problems, warnings);
        let public_origin = self.public_origin(problems);
        let given = self.jwt_private_key.take();
        let private = problems.take(secret("JWT_PRIVATE_KEY", given));
        let is_given = private.as_ref().is_some_and(Option::is_some);
        let private = private.map(|secret| {
            secret.unwrap_or_else(|| {
                warnings.push(
                    "`JWT_PRIVATE_KEY` is not set: CSRF tokens are made under a random key, good until this process \
                     ends and in no other one"
                        .into(),
                );
                Secret::random()
            })
        });
        let is_secure = public_origin.as_ref().is_some_and(|origin| origin.starts_with("https://"));
        if !is_secure {
            warnings.push(
                "no https `MIZAN_PUBLIC_ORIGIN` is set: cookies go without `Secure` and `__Host-`, as a page on this \
                 machine needs; behind https set it"
                    .into(),
            );
        }
        let cookies = CookieNames { is_secure };
        let accounts =
            self.accounts.resolve((private.as_ref(), is_given), cookies, problems, warnings);
        let cors = self.cors.and_then(|cors| checked_cors(cors, problems));
        let trusted = cors.iter().flat_map(|cors| cors.origins.clone()).collect();
        let hosts = hosts(self.hosts.take(), problems);
        let page_headers = page_headers(self.content_security_policy.take(), is_secure, problems);
        let cache_status = match self.cache_status {
            Some(given) => given,
            None => problems.take(flag("MIZAN_CACHE_STATUS")).flatten().unwrap_or(true),
        };
        let has_edge = self.has_edge;
        let rates = std::mem::take(&mut self.rates).resolve(problems);
        let replays = std::mem::take(&mut self.replays).resolve(problems);
        let proxies = proxies(self.trusted_proxies.take(), problems);
        let secret = private?;
        different(&secret, cache.as_ref(), accounts.as_ref(), webhooks, problems);
        let csrf = Csrf { secret, public_origin, trusted };
        Some(Resolved {
            accounts,
            csrf,
            cache,
            cors,
            hosts,
            page_headers,
            cache_status,
            has_edge,
            rates,
            replays,
            proxies,
        })
    }

    fn public_origin(&mut self, problems: &mut BuildProblems) -> Option<String> {
        let given = match self.public_origin.take() {
            Some(own) => Some(own),
            None => problems.take(variable("MIZAN_PUBLIC_ORIGIN"))?,
        }?;
        problems.take(checked_origin(&given))
    }

    /// Which cache there is: the builder's, else that of the environment. The secret alone gives the
    /// memory of this process.
    fn cache(
        &mut self,
        problems: &mut BuildProblems,
        warnings: &mut Vec<String>,
    ) -> Option<CacheSetup> {
        let policy = std::mem::take(&mut self.cache_policy);
        for problem in policy.problems() {
            problems.add(BuildProblem::new(problem.message, problem.help));
        }
        if self.no_cache {
            return None;
        }
        let secret = problems.take(secret("MIZAN_CACHE_SECRET", self.cache_secret.take()));
        let url = problems.take(variable("MIZAN_CACHE_REDIS_URL"));
        let (secret, url) = (secret?, url?);
        let cache = match (self.cache.take(), url, &secret) {
            (Some(cache), ..) => cache,
            (None, Some(_), None) => {
                warnings.push(
                    "`MIZAN_CACHE_REDIS_URL` is set and `MIZAN_CACHE_SECRET` is not: nothing is cached. Set it to 32 \
                     characters or more, the same for every process"
                        .into(),
                );
                return None;
            }
            (None, Some(url), Some(_)) => problems.take(redis(&url))?,
            (None, None, Some(_)) => MemoryCache::default().into(),
            (None, None, None) => return None,
        };
        let secret = match (secret, &cache) {
            (Some(secret), _) => secret,
            (None, Cache::Memory(_)) => Secret::random(),
            #[cfg(feature = "redis")]
            (None, Cache::Redis(_)) => {
                problems.add(BuildProblem::new(
                    "a cache in Redis has no secret",
                    "set `MIZAN_CACHE_SECRET` to 32 characters or more, the same for every process, or call \
                     `.cache_secret(…)`",
                ));
                return None;
            }
        };
        Some(CacheSetup { cache, secret, policy })
    }
}

/// The hosts that are answered: the builder's, else those of `MIZAN_HOSTS`.
fn hosts(given: Option<Vec<String>>, problems: &mut BuildProblems) -> Hosts {
    let given = given.unwrap_or_else(|| {
        let listed = problems.take(text("MIZAN_HOSTS")).flatten().unwrap_or_default();
        listed.split(',').map(str::trim).filter(|host| !host.is_empty()).map(String::from).collect()
    });
    let hosts = Hosts::new(given);
    for host in hosts.illegal() {
        problems.add(BuildProblem::new(
            format!("`{host}` is not a host"),
            "write names as they appear in the header `Host`, for example `example.org` or `localhost:3000`",
        ));
    }
    hosts
}

fn page_headers(
    policy: Option<String>,
    is_https: bool,
    problems: &mut BuildProblems,
) -> PageHeaders {
    let policy = policy.map_or(CONTENT_SECURITY_POLICY.into(), Cow::Owned);
    if !is_value(&policy) {
        problems.add(BuildProblem::new(
            "the content security policy has control characters",
            "write it in one line, as it appears in the header",
        ));
    }
    PageHeaders { policy, is_https }
}

/// Refuses two purposes under one secret: anyone who learns one would hold the other.
fn different(
    private: &Secret,
    cache: Option<&CacheSetup>,
    accounts: Option<&Accounts>,
    webhooks: &[(&str, &Webhook)],
    problems: &mut BuildProblems,
) {
    let mut all = vec![("`JWT_PRIVATE_KEY`", private.bytes())];
    all.extend(cache.map(|cache| ("`MIZAN_CACHE_SECRET`", cache.secret.bytes())));
    if let Some(accounts) = accounts {
        all.extend(accounts.jwt.ring.secrets().map(|secret| ("`JWT_PRIVATE_KEY`", secret)));
        all.extend(accounts.mwt.ring.secrets().map(|secret| ("`MIZAN_MWT_SECRET`", secret)));
    }
    // Of several senders each has its own, so that none signs for another.
    for (state, webhook) in webhooks {
        all.extend(webhook.secrets().map(|secret| (*state, secret)));
    }
    for (at, (name, secret)) in all.iter().enumerate() {
        let other = all[..at].iter().find(|(own, known)| own != name && equal(known, secret));
        if let Some((other, _)) = other {
            problems.add(BuildProblem::new(
                format!("{other} and {name} are the same"),
                "give each its own, for example the outputs of two runs of `openssl rand -hex 32`",
            ));
        }
    }
}

#[cfg(feature = "redis")]
fn redis(url: &str) -> Result<Cache, BuildError> {
    crate::cache::RedisCache::named("`MIZAN_CACHE_REDIS_URL`", url).map(Cache::from)
}

#[cfg(not(feature = "redis"))]
fn redis(_: &str) -> Result<Cache, BuildError> {
    Err(BuildError::single(
        "`MIZAN_CACHE_REDIS_URL` is set and this build knows no Redis",
        "turn on the feature `redis` of mizan-core, or unset it: several processes with a cache each would serve \
         stale data",
    ))
}

/// The origins as browsers write them; `None` where none is left.
fn checked_cors(mut cors: Cors, problems: &mut BuildProblems) -> Option<Cors> {
    if cors.origins.is_empty() {
        problems.add(BuildProblem::new(
            "`.cors(…)` names no origin",
            "name the origins of the pages that are meant, or leave it out",
        ));
        return None;
    }
    let origins = std::mem::take(&mut cors.origins);
    cors.origins =
        origins.iter().filter_map(|origin| problems.take(checked_origin(origin))).collect();
    Some(cors)
}

fn checked_origin(origin: &str) -> Result<String, BuildError> {
    let parts = origin.trim_end_matches('/').split_once("://");
    let host = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
    };
    match parts {
        Some((scheme @ ("http" | "https"), rest)) if host(rest) => Ok(origin_text(scheme, rest)),
        _ => Err(BuildError::single(
            format!("`{origin}` is not a public origin"),
            "write scheme, host and port only, for example `https://example.org`",
        )),
    }
}

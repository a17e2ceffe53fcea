//! Settings that an operator gives: on the builder, else in the environment.

use crate::accounts::{AccountSetup, Accounts};
use crate::cache::{Cache, CachePolicy, CacheSetup, MemoryCache};
use crate::graph::BuildError;
use crate::http::{Cors, Csrf};
use crate::secret::{Secret, equal};

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
}

/// What the settings amount to.
pub(crate) struct Resolved {
    pub(crate) accounts: Option<Accounts>,
    pub(crate) csrf: Csrf,
    pub(crate) cache: Option<CacheSetup>,
    pub(crate) cors: Option<Cors>,
}

impl Config {
    /// Adds the environment and checks everything. What is made up because it was not set is said.
    pub(crate) fn resolve(mut self, warnings: &mut Vec<String>) -> Result<Resolved, BuildError> {
        let cache = self.cache(warnings)?;
        let public_origin = match self
            .public_origin
            .map_or_else(|| variable("MIZAN_PUBLIC_ORIGIN"), |own| Ok(Some(own)))?
        {
            Some(origin) => Some(checked_origin(&origin)?),
            None => None,
        };
        let secret = match secret("JWT_PRIVATE_KEY", self.jwt_private_key)? {
            Some(secret) => secret,
            None => {
                warnings.push(
                    "`JWT_PRIVATE_KEY` is not set: CSRF tokens are made under a random key, good until this process \
                     ends and in no other one"
                        .into(),
                );
                Secret::random()
            }
        };
        let secure = public_origin.as_ref().is_some_and(|origin| origin.starts_with("https://"));
        let accounts = self.accounts.resolve(&secret, secure, warnings)?;
        let rings = accounts.iter().map(|accounts| (&accounts.jwt.ring, &accounts.mwt.ring));
        let mut all = vec![("`JWT_PRIVATE_KEY`", secret.bytes())];
        all.extend(cache.iter().map(|cache| ("`MIZAN_CACHE_SECRET`", cache.secret.bytes())));
        for (jwt, mwt) in rings {
            all.extend(jwt.secrets().map(|secret| ("`JWT_PRIVATE_KEY`", secret)));
            all.extend(mwt.secrets().map(|secret| ("`MIZAN_MWT_SECRET`", secret)));
        }
        different(&all)?;
        if public_origin.as_ref().is_none_or(|origin| origin.starts_with("http://")) {
            tracing::info!(
                "no https `MIZAN_PUBLIC_ORIGIN` is set: cookies go without `Secure` and `__Host-`"
            );
        }
        let cors = self.cors.map(checked_cors).transpose()?;
        let trusted = cors.iter().flat_map(|cors| cors.origins.clone()).collect();
        Ok(Resolved { accounts, csrf: Csrf { secret, public_origin, trusted }, cache, cors })
    }

    /// Which cache there is: the builder's, else that of the environment. The secret alone gives the
    /// memory of this process.
    fn cache(&mut self, warnings: &mut Vec<String>) -> Result<Option<CacheSetup>, BuildError> {
        let policy = std::mem::take(&mut self.cache_policy);
        policy.check()?;
        if self.no_cache {
            return Ok(None);
        }
        let secret = secret("MIZAN_CACHE_SECRET", self.cache_secret.take())?;
        let url = variable("MIZAN_CACHE_REDIS_URL")?;
        let cache = match (self.cache.take(), url, &secret) {
            (Some(cache), ..) => cache,
            (None, Some(_), None) => {
                warnings.push(
                    "`MIZAN_CACHE_REDIS_URL` is set and `MIZAN_CACHE_SECRET` is not: nothing is cached. Set it to 32 \
                     characters or more, the same for every process"
                        .into(),
                );
                return Ok(None);
            }
            (None, Some(url), Some(_)) => redis(&url)?,
            (None, None, Some(_)) => MemoryCache::default().into(),
            (None, None, None) => return Ok(None),
        };
        let secret = match (secret, &cache) {
            (Some(secret), _) => secret,
            (None, Cache::Memory(_)) => Secret::random(),
            #[cfg(feature = "redis")]
            (None, Cache::Redis(_)) => {
                return Err(BuildError::single(
                    "a cache in Redis has no secret",
                    "set `MIZAN_CACHE_SECRET` to 32 characters or more, the same for every process, or call \
                     `.cache_secret(…)`",
                ));
            }
        };
        Ok(Some(CacheSetup { cache, secret, policy }))
    }
}

/// Refuses two purposes under one secret: whoever learns one would hold the other.
fn different(all: &[(&str, &[u8])]) -> Result<(), BuildError> {
    for (at, (name, secret)) in all.iter().enumerate() {
        let other = all[..at].iter().find(|(own, known)| own != name && equal(known, secret));
        if let Some((other, _)) = other {
            return Err(BuildError::single(
                format!("{other} and {name} are the same"),
                "give each its own, for example the outputs of two runs of `openssl rand -hex 32`",
            ));
        }
    }
    Ok(())
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
         old data",
    ))
}

/// A secret of the builder, else of the environment.
pub(crate) fn secret(name: &str, given: Option<Secret>) -> Result<Option<Secret>, BuildError> {
    if given.is_some() {
        return Ok(given);
    }
    let Some(text) = variable(name)? else { return Ok(None) };
    let refuse = |fault| {
        BuildError::single(
            format!("`{name}` is not a secret: {fault}"),
            "set it to 32 characters or more, random ones, for example the output of `openssl rand -hex 32`",
        )
    };
    Secret::new(text).map(Some).map_err(refuse)
}

/// A variable of the environment without blanks around it.
pub(crate) fn text(name: &str) -> Result<Option<String>, BuildError> {
    Ok(variable(name)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// A variable of the environment; an empty one counts as absent, and one that is no text is refused.
pub(crate) fn variable(name: &str) -> Result<Option<String>, BuildError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(BuildError::single(
            format!("`{name}` is not text"),
            "write it in letters and digits, for example the output of `openssl rand -hex 32`",
        )),
    }
}

fn checked_cors(mut cors: Cors) -> Result<Cors, BuildError> {
    if cors.origins.is_empty() {
        return Err(BuildError::single(
            "`.cors(…)` names no origin",
            "name the origins of the pages that are meant, or leave it out",
        ));
    }
    for origin in &mut cors.origins {
        *origin = checked_origin(origin)?;
    }
    Ok(cors)
}

fn checked_origin(origin: &str) -> Result<String, BuildError> {
    let parts = origin.trim_end_matches('/').split_once("://");
    let host = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
    };
    match parts {
        Some((scheme @ ("http" | "https"), rest)) if host(rest) => {
            Ok(crate::http::same_origin_text(scheme, rest))
        }
        _ => Err(BuildError::single(
            format!("`{origin}` is not a public origin"),
            "write scheme, host and port only, for example `https://example.org`",
        )),
    }
}

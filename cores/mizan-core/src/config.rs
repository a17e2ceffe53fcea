//! Settings that an operator gives: on the builder, else in the environment.

use crate::graph::BuildError;
use crate::http::Csrf;
use crate::secret::Secret;

/// What the builder was given.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) public_origin: Option<String>,
    pub(crate) jwt_private_key: Option<Secret>,
}

impl Config {
    /// Adds the environment and checks everything. What is made up because it was not set is said.
    pub(crate) fn resolve(self, warnings: &mut Vec<String>) -> Result<Csrf, BuildError> {
        let public_origin = match self
            .public_origin
            .map_or_else(|| variable("MIZAN_PUBLIC_ORIGIN"), |own| Ok(Some(own)))?
        {
            Some(origin) => Some(checked_origin(&origin)?),
            None => None,
        };
        let secret = match (self.jwt_private_key, variable("JWT_PRIVATE_KEY")?) {
            (Some(secret), _) => secret,
            (None, Some(text)) => Secret::new(text).map_err(|fault| {
                BuildError::single(
                    format!("`JWT_PRIVATE_KEY` is not a secret: {fault}"),
                    "set it to 32 characters or more, random ones, for example the output of `openssl rand -hex 32`",
                )
            })?,
            (None, None) => {
                warnings.push(
                    "`JWT_PRIVATE_KEY` is not set: CSRF tokens are made under a random key, good until this process \
                     ends and in no other one"
                        .into(),
                );
                Secret::random()
            }
        };
        if public_origin.as_ref().is_none_or(|origin| origin.starts_with("http://")) {
            tracing::info!(
                "no https `MIZAN_PUBLIC_ORIGIN` is set: cookies go without `Secure` and `__Host-`"
            );
        }
        Ok(Csrf { secret, public_origin })
    }
}

/// A variable of the environment; an empty one counts as absent, and one that is no text is refused.
fn variable(name: &str) -> Result<Option<String>, BuildError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(BuildError::single(
            format!("`{name}` is not text"),
            "write it in letters and digits, for example the output of `openssl rand -hex 32`",
        )),
    }
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

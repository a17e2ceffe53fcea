//! Keys that processes share, in Redis. Everything is done by one script, `replay.lua`, so each operation happens at once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, cmd};
use bytes::Bytes;

use super::{Call, Found, KEPT, LEASE, Token};
use crate::clock::millis;
use crate::error::{BuildError, Error, Result};
use crate::redis::{self, Connections, Live, Purpose};
use crate::secret::hex;

const SCRIPT: &str = include_str!("replay.lua");

/// How long one operation may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Keeps the keys and responses of `#[client(idempotent)]` in Redis, for every process that is given the same server
/// and prefix.
///
/// Where Redis cannot be asked, a call with a key is refused with `UNAVAILABLE` before its function runs.
#[derive(Clone)]
pub struct RedisReplays {
    connections: Arc<Connections>,
    prefix: String,
}

impl fmt::Debug for RedisReplays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("RedisReplays").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RedisReplays {
    /// Keys at this URL, for example `redis://localhost:6379/0`. Connects with the first call that has one.
    ///
    /// # Errors
    /// Where the URL is invalid, or asks for TLS, which this build does not support. The text does not
    /// repeat the URL, which may hold a password.
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::named("what `RedisReplays::new` was given", url)
    }

    /// The same, with a name for what holds the URL.
    pub(crate) fn named(name: &str, url: &str) -> Result<Self, BuildError> {
        let client = redis::client(name, url)?;
        let connections = Arc::new(Connections::new(Purpose::Replays, client, TIMEOUT, SCRIPT));
        Ok(Self { connections, prefix: String::new() }.prefix("mizan:"))
    }

    /// Puts something else than `mizan:` before every key. Two applications on one server need two prefixes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = format!("{}replay:", prefix.into());
        self
    }

    pub(super) async fn claim(&self, call: &Call, token: &Token) -> Result<Found> {
        let (found, given) = self.run("claim", call, token, (LEASE, &[])).await?;
        match found.as_str() {
            "free" => Ok(Found::Free),
            "running" => Ok(Found::Running),
            "other" => Ok(Found::OfAnotherCall),
            "ended" => Ok(Found::Ended(given.into())),
            _ => Err(unavailable("the script answered something else")),
        }
    }

    pub(super) async fn renew(&self, call: &Call, token: &Token) -> Result<()> {
        self.run("renew", call, token, (LEASE, &[])).await.map(drop)
    }

    pub(super) async fn release(&self, call: &Call, token: &Token) -> Result<()> {
        self.run("release", call, token, (LEASE, &[])).await.map(drop)
    }

    pub(super) async fn keep(&self, call: &Call, token: &Token, given: &Bytes) -> Result<()> {
        self.run("keep", call, token, (KEPT, given)).await.map(drop)
    }

    /// Runs the script.
    async fn run(
        &self,
        op: &str,
        call: &Call,
        token: &Token,
        (time, given): (Duration, &[u8]),
    ) -> Result<(String, Vec<u8>)> {
        let command = |eval: &str, script: &str| {
            let mut command = cmd(eval);
            command.arg(script).arg(1).arg(format!("{}{}", self.prefix, hex(&call.name)));
            command.arg(op).arg(hex(token)).arg(&call.content).arg(millis(time)).arg(given);
            command
        };
        let ask = |live| ask(live, &command);
        let demoted = || self.connections.forget_all();
        let done = redis::run(&self.connections, TIMEOUT, false, ask, |_| {}, demoted).await;
        done.map_err(|failure| unavailable(failure.into_fault()))
    }
}

async fn ask(
    mut live: Live,
    command: &impl Fn(&str, &str) -> Cmd,
) -> Result<(String, Vec<u8>), RedisError> {
    let first = command("EVALSHA", &live.script);
    match first.query_async(&mut live.connection).await {
        // The scripts were flushed.
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            command("EVAL", SCRIPT).query_async(&mut live.connection).await
        }
        answer => answer,
    }
}

/// A 503 whose cause is in the log only.
fn unavailable(cause: impl fmt::Display) -> Error {
    tracing::warn!(%cause, "the keys of idempotent calls in Redis cannot be asked");
    Error::unavailable("the keys of idempotent calls cannot be reached")
}

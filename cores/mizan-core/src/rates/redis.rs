//! Counts that processes share, in Redis: one script, which counts all rates of a request at once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, cmd};

use super::{Ask, Time};
use crate::clock::millis_now;
use crate::error::BuildError;
use crate::redis::{self, Connections, Live, Purpose};
use crate::secret::hex;

const SCRIPT: &str = include_str!("rate.lua");

/// How long one request waits for Redis.
const TIMEOUT: Duration = Duration::from_millis(250);
/// How long Redis is not asked after it has failed, in milliseconds.
const PAUSE: u64 = 1_000;

/// Counts runs in Redis, for every process that is given the same server and prefix.
///
/// Where Redis cannot be asked, each process counts for itself until it can.
#[derive(Clone)]
pub struct RedisRates {
    connections: Arc<Connections>,
    prefix: String,
    /// Until when Redis is not asked, in milliseconds since the epoch.
    away_until: Arc<AtomicU64>,
    is_away: Arc<AtomicBool>,
}

impl fmt::Debug for RedisRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("RedisRates").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RedisRates {
    /// Counts at this URL, for example `redis://localhost:6379/0`. Connects with the first request.
    ///
    /// # Errors
    /// Where the URL is invalid, or asks for TLS, which this build does not support. The text does not
    /// repeat the URL, which may hold a password.
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::named("what `RedisRates::new` was given", url)
    }

    /// The same, with a name for what holds the URL.
    pub(crate) fn named(name: &str, url: &str) -> Result<Self, BuildError> {
        let client = redis::client(name, url)?;
        let connections = Arc::new(Connections::new(Purpose::Rates, client, TIMEOUT, SCRIPT));
        let (away_until, is_away) = (Arc::default(), Arc::default());
        Ok(Self { connections, prefix: String::new(), away_until, is_away }.prefix("mizan:"))
    }

    /// Puts something else than `mizan:` before every key. Two applications on one server need two prefixes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        // The braces are a hash tag: the script reaches every key in one slot of a cluster.
        self.prefix = format!("{}{{rate}}:", prefix.into());
        self
    }

    /// Counts everything that is asked for, or nothing where one has no room. `None` where Redis cannot be asked.
    pub(super) async fn take(
        &self,
        asks: &[Ask],
        time: Option<&Time>,
    ) -> Option<Result<(), Duration>> {
        if self.away_until.load(Ordering::Relaxed) > millis_now() {
            return None;
        }
        let now = time.map(|time| time().as_micros().to_string()).unwrap_or_default();
        let ask = |live| self.ask(live, asks, &now);
        let demoted = || self.connections.forget_all();
        match redis::run(&self.connections, TIMEOUT, false, ask, |_| {}, demoted).await {
            Ok(wait) => {
                if self.is_away.swap(false, Ordering::Relaxed) {
                    tracing::info!("rates are counted in Redis again");
                }
                Some(if wait == 0 { Ok(()) } else { Err(Duration::from_micros(wait)) })
            }
            Err(failure) => {
                self.away_until.store(millis_now() + PAUSE, Ordering::Relaxed);
                if !self.is_away.swap(true, Ordering::Relaxed) {
                    let cause = failure.into_fault();
                    tracing::warn!(%cause, "Redis cannot be asked: this process counts rates for itself");
                }
                None
            }
        }
    }

    async fn ask(&self, mut live: Live, asks: &[Ask], now: &str) -> Result<u64, RedisError> {
        let command = self.command("EVALSHA", &live.script, asks, now);
        match command.query_async(&mut live.connection).await {
            // The scripts were flushed.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.command("EVAL", SCRIPT, asks, now).query_async(&mut live.connection).await
            }
            answer => answer,
        }
    }

    fn command(&self, eval: &str, script: &str, asks: &[Ask], now: &str) -> Cmd {
        let mut command = cmd(eval);
        command.arg(script).arg(asks.len());
        for ask in asks {
            command.arg(format!("{}{}", self.prefix, hex(&ask.key)));
        }
        command.arg(now);
        for ask in asks {
            let step = u64::try_from(ask.rate.step().as_micros()).unwrap_or(u64::MAX);
            command.arg(ask.runs).arg(step).arg(ask.rate.units);
        }
        command
    }
}

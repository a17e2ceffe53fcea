//! How often callers may run functions: counted in this process, or in Redis for many.

mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::function::Rate;
use crate::http::counted;

use memory::MemoryRates;
pub(crate) use memory::Time;
#[cfg(feature = "redis")]
pub use redis::RedisRates;

/// What names a count: a digest, so that a caller cannot make it long.
pub(crate) type Key = [u8; 16];

/// Some runs that are to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask {
    key: Key,
    rate: Rate,
    runs: u32,
}

/// Whose runs are counted together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted<'a> {
    /// A user who is signed in.
    Subject(&'a str),
    /// A session whose subject is not known.
    Session(&'a str),
    /// An address; `None` where the adapter knows none.
    Address(Option<IpAddr>),
    /// A value of an argument, as JSON.
    Value(&'a str, &'a [u8]),
}

impl Ask {
    /// A number of runs of something with a name, but never more at once than the rate allows.
    pub(crate) fn new(name: &str, rate: Rate, runs: usize, counted_by: Counted<'_>) -> Self {
        let mut digest = Sha256::new();
        let mut part = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        part(b"mizan-rate");
        part(name.as_bytes());
        // Another rate counts again.
        part(&rate.units.to_be_bytes());
        part(&rate.per.as_secs().to_be_bytes());
        match counted_by {
            Counted::Subject(subject) => {
                part(b"subject");
                part(subject.as_bytes());
            }
            Counted::Session(id) => {
                part(b"session");
                part(id.as_bytes());
            }
            Counted::Address(address) => {
                part(b"address");
                part(address.map(|own| counted(own).to_string()).unwrap_or_default().as_bytes());
            }
            Counted::Value(argument, value) => {
                part(b"value");
                part(argument.as_bytes());
                part(value);
            }
        }
        let mut key = Key::default();
        let length = key.len();
        key.copy_from_slice(&digest.finalize()[..length]);
        let runs = u32::try_from(runs).unwrap_or(u32::MAX).min(rate.units);
        Self { key, rate, runs }
    }
}

/// Everything that is counted.
pub(crate) struct Rates {
    memory: MemoryRates,
    #[cfg(feature = "redis")]
    redis: Option<RedisRates>,
    /// The clock of a test.
    #[cfg(feature = "redis")]
    time: Option<Time>,
    pub(crate) limits: Limited,
    /// Whether some function has a rate of its own.
    of_functions: bool,
}

/// The rates that the builder was given.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limited {
    pub(crate) anonymous_reads: Option<Rate>,
    pub(crate) anonymous_calls: Option<Rate>,
    pub(crate) sessions: Option<Rate>,
}

/// Where counts are kept, and the clock of a test.
#[derive(Default)]
pub(crate) struct RateSetup {
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<RedisRates>,
    pub(crate) time: Option<Time>,
    pub(crate) limits: Limited,
}

impl Rates {
    /// Counts for these rates of functions, and for those of the builder.
    pub(crate) fn new(setup: RateSetup, functions: impl Iterator<Item = Rate>) -> Self {
        let RateSetup { limits, .. } = setup;
        let own = [limits.anonymous_reads, limits.anonymous_calls, limits.sessions];
        let mut functions = functions.peekable();
        let of_functions = functions.peek().is_some();
        let all = functions.chain(own.into_iter().flatten());
        let start = Instant::now();
        let time = setup.time.clone();
        let time = time.unwrap_or_else(|| std::sync::Arc::new(move || start.elapsed()));
        Self {
            memory: MemoryRates::new(all, time),
            #[cfg(feature = "redis")]
            redis: setup.redis,
            #[cfg(feature = "redis")]
            time: setup.time,
            limits,
            of_functions,
        }
    }

    /// Whether runs of functions may be counted; a rate of the session endpoints counts none.
    pub(crate) fn count_runs(&self) -> bool {
        let Limited { anonymous_reads, anonymous_calls, .. } = self.limits;
        self.of_functions || anonymous_reads.is_some() || anonymous_calls.is_some()
    }

    /// Counts everything that is asked for, or nothing where one has no room.
    ///
    /// # Errors
    /// `TOO_MANY_REQUESTS`, with the time to wait.
    pub(crate) async fn take(&self, asks: &[Ask]) -> Result<()> {
        if asks.is_empty() {
            return Ok(());
        }
        self.counted(asks).await.map_err(|wait| {
            let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
            let message = format!("too many requests: try again in {seconds} s");
            Error::too_many_requests(message).with_retry_after(Duration::from_secs(seconds))
        })
    }

    async fn counted(&self, asks: &[Ask]) -> Result<(), Duration> {
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.redis
            && let Some(counted) = redis.take(asks, self.time.as_ref()).await
        {
            return counted;
        }
        self.memory.take(asks)
    }
}

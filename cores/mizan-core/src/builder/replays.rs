//! Where the keys of idempotent calls are kept.

#[cfg(feature = "redis")]
use super::Builder;
#[cfg(feature = "redis")]
use crate::environment::variable;
use crate::error::BuildProblems;
use crate::rates::Time;
#[cfg(feature = "redis")]
use crate::replays::RedisReplays;
use crate::replays::ReplaySetup;

/// What the builder was given.
#[derive(Default)]
pub(super) struct ReplayConfig {
    #[cfg(feature = "redis")]
    pub(super) store: Option<RedisReplays>,
    pub(super) time: Option<Time>,
}

#[cfg(feature = "redis")]
impl Builder {
    /// Keeps the keys of `#[client(idempotent)]` in Redis, for every process that shares it. Replaces the environment's
    /// `MIZAN_REPLAY_REDIS_URL`, which is `MIZAN_SESSION_REDIS_URL` where it is not set, and else
    /// `MIZAN_CACHE_REDIS_URL`; without any each process knows its own keys alone.
    ///
    /// Default: in the memory of this process. Example: `.replay_store(RedisReplays::new("redis://127.0.0.1:6380")?)`.
    pub fn replay_store(mut self, store: RedisReplays) -> Self {
        self.config.replays.store = Some(store);
        self
    }
}

#[cfg(test)]
impl super::Builder {
    /// The clock of a test.
    pub(crate) fn replay_clock(mut self, time: Time) -> Self {
        self.config.replays.time = Some(time);
        self
    }
}

impl ReplayConfig {
    #[cfg_attr(
        not(feature = "redis"),
        expect(unused_variables, reason = "Redis alone has settings")
    )]
    pub(super) fn resolve(self, problems: &mut BuildProblems) -> ReplaySetup {
        ReplaySetup {
            #[cfg(feature = "redis")]
            redis: self.store.or_else(|| from_environment(problems)),
            time: self.time,
        }
    }
}

/// The Redis of keys, else that of sessions, else that of the cache.
#[cfg(feature = "redis")]
fn from_environment(problems: &mut BuildProblems) -> Option<RedisReplays> {
    for name in ["MIZAN_REPLAY_REDIS_URL", "MIZAN_SESSION_REDIS_URL", "MIZAN_CACHE_REDIS_URL"] {
        if let Some(url) = problems.take(variable(name))? {
            return problems.take(RedisReplays::named(&format!("`{name}`"), &url));
        }
    }
    None
}

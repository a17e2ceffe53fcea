//! The settings of a cache.

use std::time::Duration;

use crate::stamp::Consistency;

/// What to do with a mutation whose marks could not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfMarkFails {
    /// Refuse it with a 503, before its function runs: nothing has happened.
    #[default]
    Refuse,
    /// Run it; counted and logged. This process goes past the cache for what it touched until the store
    /// knows of it, and tells the store for as long as it takes. Other processes may serve stale
    /// entries until then; if this one stops before, until those expire.
    Proceed,
}

/// What to do with a mutation that ran and whose marks could not be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfUnmarkFails {
    /// Try again, and answer with `X-Mizan-Cache: degraded` when 20 s or the lease are over (the lease
    /// in any case where reads are relaxed), and go on trying. Nothing stale is served meanwhile: the marks
    /// are still there.
    #[default]
    Hold,
    /// Answer at once and go on trying. Old data can be served if the store loses the marks too.
    Answer,
}

/// The settings of a cache. Every one has the safe value as its default.
#[derive(Debug, Clone, PartialEq)]
pub struct CachePolicy {
    /// How strictly reads treat mutations that are under way: [`Consistency::Strict`].
    pub consistency: Consistency,
    /// What to do with a mutation whose marks could not be set: refuse it.
    pub if_mark_fails: IfMarkFails,
    /// What to do when marks could not be taken back: hold the response.
    pub if_unmark_fails: IfUnmarkFails,
    /// How long a mark lives without a sign of life of its mutation: 30 s. Renewed after each third
    /// of it. Longer means a longer bypass after a crash. A mutation that stands still for longer,
    /// goes on, commits and dies before its end leaves old data until that expires.
    pub lease: Duration,
    /// How long a mark stays after its mutation has ended: 0. For contexts that read from a replica
    /// of the database that lags by up to this time.
    pub settle: Duration,
    /// Whether a response waits for the end of its marks: true. False is taken together with
    /// [`Consistency::Ttl`] only.
    pub await_end: bool,
    /// How many replicas of the store must have the marks before a mutation runs: 0. Redis holds up the
    /// other mutations of the same thread while it waits for them.
    pub replicas_ack: u32,
    /// How long a read waits for the store before it runs its functions instead: 50 ms.
    pub read_timeout: Duration,
    /// How long one operation of a mutation waits for the store: 1 s, and a third of the lease at most.
    pub write_timeout: Duration,
    /// After this number of faults in a row reads leave the store alone: 5.
    pub breaker_faults: u32,
    /// How long they do, and how long after that a lost store is asked whether it is back: 1 s.
    pub breaker_pause: Duration,
    /// How long a value is kept at most, where its functions say nothing: 24 h.
    pub ttl: Duration,
    /// How many entries of one context strangers may have stored by this process within their time: 10,000. Beyond
    /// that an entry that no one is signed in for is stored from the second miss on, so that invented parameters do
    /// not fill the store. Entries of callers who are signed in are not counted.
    pub anonymous_entries: usize,
    /// A larger bundle is not stored, in bytes: 1 MiB.
    pub max_body: usize,
    /// Runs one of this number of hits again and compares; `None` never does. A bundle that differs though
    /// nothing was declared to change it is logged and counted, and the new one is answered.
    pub audit: Option<u32>,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Default for CachePolicy {
    fn default() -> Self {
        Self {
            consistency: Consistency::default(),
            if_mark_fails: IfMarkFails::default(),
            if_unmark_fails: IfUnmarkFails::default(),
            lease: Duration::from_secs(30),
            settle: Duration::ZERO,
            await_end: true,
            replicas_ack: 0,
            read_timeout: Duration::from_millis(50),
            write_timeout: Duration::from_secs(1),
            breaker_faults: 5,
            breaker_pause: Duration::from_secs(1),
            ttl: Duration::from_secs(24 * 60 * 60),
            anonymous_entries: 10_000,
            max_body: 1 << 20,
            audit: None,
        }
    }
}

impl CachePolicy {
    /// What would break the promise that is asked for; empty where the settings are good.
    pub fn problems(&self) -> Vec<PolicyProblem> {
        let mut problems = Vec::new();
        let mut add =
            |message: String, help: String| problems.push(PolicyProblem { message, help });
        if !self.await_end && self.consistency != Consistency::Ttl {
            add(
                "`await_end: false` of the cache breaks what its consistency promises".into(),
                "leave it true, or ask for `Consistency::Ttl`: a mark that is lost before its end \
                 would leave stale data"
                    .into(),
            );
        }
        for (name, time, least, most) in [
            ("lease", self.lease, Duration::from_millis(300), HOUR),
            ("settle", self.settle, Duration::ZERO, HOUR),
            ("read_timeout", self.read_timeout, Duration::from_millis(1), HOUR),
            ("write_timeout", self.write_timeout, Duration::from_millis(1), HOUR),
            ("breaker_pause", self.breaker_pause, Duration::from_millis(10), HOUR),
            ("ttl", self.ttl, Duration::from_millis(1), HOUR * 24 * 365),
        ] {
            if time < least || time > most {
                add(
                    format!("`{name}` of the cache is {time:?}"),
                    format!("write something from {least:?} to {most:?}"),
                );
            }
        }
        if self.breaker_faults == 0 {
            add("`breaker_faults` of the cache is 0".into(), "write 1 or more".into());
        }
        if self.audit == Some(0) {
            add(
                "`audit` of the cache is 0".into(),
                "write `None`, or `Some(n)` for one of n hits".into(),
            );
        }
        problems
    }
}

/// One setting that is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

//! The server cache: contexts are kept by the protocol, and never served when they are old.
//!
//! `keys`, `token` and `stamp` are the protocol without I/O, `engine` and `marks` its two halves over
//! the [`Store`] trait, `memory` and `redis` the shells. `caching` is what dispatch sees.
//! `docs/caching.md` explains the protocol.

mod api;
mod caching;
mod counters;
mod engine;
mod erased;
mod flight;
mod keys;
mod marks;
mod memory;
mod policy;
#[cfg(feature = "redis")]
mod redis;
mod shell;
mod stamp;
mod token;

use std::time::Duration;

pub use caching::Cache;
pub(crate) use caching::{CacheSetup, Caching};
pub use counters::CacheCounts;
pub(crate) use erased::AnyMarks;
pub use keys::derive_cache_key;
pub(crate) use marks::Ended;
pub use memory::MemoryCache;
pub use policy::{CachePolicy, IfMarkFails, IfUnmarkFails};
#[cfg(feature = "redis")]
pub use redis::RedisCache;
#[cfg(feature = "redis")]
pub(crate) use shell::Fault;
pub use stamp::Consistency;
#[cfg(feature = "redis")]
pub(crate) use stamp::Incarnation;

/// The protocol without I/O, for the crates that check it.
#[doc(hidden)]
pub mod protocol {
    pub use super::counters::Counters;
    pub use super::engine::{Engine, Entry, Outcome, Run};
    pub use super::keys::{Digest, Keys, Owner};
    pub use super::marks::{Ended, Marks};
    pub use super::shell::{Fault, Lookup, Scope, Store};
    pub use super::stamp::{Incarnation, Reader, Snapshot, Stamp, Stored, Verdict};
    pub use super::token::{BUILD_MEMORY, BuildId, Change, Generation, MarkId, Op, State, Token};
    pub use crate::graph::Shapes;
}

/// Whole milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

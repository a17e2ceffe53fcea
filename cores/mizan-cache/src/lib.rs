//! The cache protocol of Mizan, without I/O.
//!
#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::missing_errors_doc)]

mod admission;
mod counters;
mod engine;
mod flight;
mod keys;
mod marks;
mod policy;
mod shapes;
mod stamp;
mod stamps;
mod store;
mod token;
mod untold;

use std::time::Duration;

pub use counters::{CacheCounts, Counter, Counters};
pub use engine::{Engine, Entry, Glance, Outcome, Run};
pub use keys::{Keys, Name, Owner, derive_cache_key};
pub use marks::{Ended, Marks};
pub use policy::{CachePolicy, IfMarkFails, IfUnmarkFails, PolicyProblem};
pub use shapes::{Narrowing, Pins, Shapes};
pub use stamp::{Consistency, Incarnation, Reader, Snapshot, Stamp, Stored, Verdict};
pub use store::{Fault, Lookup, Scope, Store};
pub use token::{BUILD_MEMORY, BuildId, Change, Generation, MarkId, Op, State, Token};

/// Whole milliseconds; the largest number where there are more.
pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

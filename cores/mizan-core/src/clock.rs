//! The time, as it is written in tokens, sessions and stores.

use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use mizan_cache::millis;

/// Seconds since the epoch.
pub(crate) fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// Milliseconds since the epoch.
pub(crate) fn millis_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}

//! The one clock that every time is read from.

use std::sync::OnceLock;
use std::time::Instant;

/// Nanoseconds since the first call; never goes back.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Seconds with milliseconds, as people read them.
pub(crate) fn seconds(nanos: u64) -> String {
    let millis = nanos / 1_000_000;
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

//! Bounds on what a request may bring.

use std::time::Duration;

/// Bounds on what a request may bring. Each is a setting with this default.
///
/// # Examples
/// ```
/// use mizan_core::Limits;
///
/// let limits = Limits { body: 64 << 10, ..Limits::default() };
/// assert_eq!(limits.depth, 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a call's body: 1 MiB.
    pub body: usize,
    /// Levels of nesting in a call's body: 64. The parser itself stops at 127.
    pub depth: usize,
    /// Parameters of a query: 100.
    pub params: usize,
    /// Bytes of path and query: 8 KiB.
    pub uri: usize,
    /// Calls under way at one time, abandoned ones included: 10,000. One more is a 503, and so is one more than a
    /// quarter of them for one function (`#[client(at_once = n)]` says another number; without it a function on the blocking pool has 128 at most), or than half of them
    /// for callers who are not signed in.
    pub calls: usize,
    /// How long a client waits for a call: 25 s, or what `#[client(timeout = "…")]` of its function says. The call itself
    /// runs to its end.
    pub call_timeout: Duration,
    /// How long a call that has ended reads for its page what it has made stale: 200 ms, and no longer than its
    /// caller waits.
    pub refresh_time: Duration,
    /// Bytes of what it has read for its page: 256 KiB.
    pub refresh_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            depth: 64,
            params: 100,
            uri: 8 << 10,
            calls: 10_000,
            call_timeout: Duration::from_secs(25),
            refresh_time: Duration::from_millis(200),
            refresh_bytes: 256 << 10,
        }
    }
}

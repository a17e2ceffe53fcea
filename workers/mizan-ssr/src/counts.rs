//! Numbers to watch.

/// What a renderer has done since it was started, and what it is doing now.
///
/// Every render that was asked for is in exactly one of `rendered`, `failed`, `too_large`, `busy`, `late`, `crashed`,
/// `quarantined`, `unavailable`, `stopped` and `cancelled`, or is still `queued` or `in_flight`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Renders with a page.
    pub rendered: u64,
    /// Renders whose component threw an error or is not registered.
    pub failed: u64,
    /// Renders whose props, bundles or page are over a limit.
    pub too_large: u64,
    /// Renders refused or dropped because too many were waiting.
    pub busy: u64,
    /// Renders that missed their deadline.
    pub late: u64,
    /// Renders with which two workers died.
    pub crashed: u64,
    /// Renders refused because their input has killed two workers.
    pub quarantined: u64,
    /// Renders refused because no worker could be expected in time.
    pub unavailable: u64,
    /// Renders refused or given up because the renderer stops.
    pub stopped: u64,
    /// Renders whose caller left before the end.
    pub cancelled: u64,
    /// Renders that were sent to a second worker, because the first one died or hung.
    pub moved: u64,
    /// Workers started.
    pub spawned: u64,
    /// Workers that ended without being told to, those killed for a deadline included.
    pub died: u64,
    /// Workers killed because a render took longer than the deadline.
    pub killed: u64,
    /// Workers replaced because of their age, their memory or a swap.
    pub recycled: u64,
    /// Times that the breaker opened.
    pub opened: u64,
    /// Renders that wait for a worker now.
    pub queued: usize,
    /// Renders in workers now.
    pub in_flight: usize,
    /// Workers that are ready now.
    pub ready: usize,
    /// Inputs that are refused now.
    pub refused_inputs: usize,
    /// Whether the breaker is open now: workers died one after the other, and one is tried every 5 s.
    pub open: bool,
}

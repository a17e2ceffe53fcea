//! What a run of the model consists of: who takes part, what may break, and what is promised.

use crate::program::Program;

/// Readers, mutations, faults and the promise that is checked against them.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The name in the report.
    pub name: &'static str,
    /// How many readers there are, at most [`crate::state::READERS`].
    pub readers: usize,
    /// How many reads each of them makes, one after the other.
    pub reads: u8,
    /// What each mutation does, step by step; at most [`crate::state::MUTATIONS`].
    pub programs: &'static [Program],
    /// What a reader does when it finds a mark.
    pub mode: Mode,
    /// What no hit may break.
    pub promise: Promise,
    /// How often each fault may happen.
    pub faults: Faults,
    /// A mistake built in on purpose, or [`Flaw::None`].
    pub flaw: Flaw,
}

/// `consistency` of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A read that finds a mark runs the function, answers, and stores nothing.
    Strict,
    /// A read that finds a mark goes on with the generation which the mark carries, as long as all the
    /// leases in it last. It may store under that generation too, which is more than an implementation
    /// has to do: a store that is never made is a store that stays under way for ever.
    Session,
}

/// What is promised of a hit. Versions of the database are numbered by commits, so each promise is a
/// number below which no hit may lie, taken when the read begins; each one includes those after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The value was the one in the database at some instant between the start and the end of the read.
    Linearizable,
    /// No value from before the commit of a mutation that has answered, or that died and whose lease is over.
    AfterLease,
    /// No value from before the commit of a mutation that has answered.
    AfterAnswer,
}

/// Budgets of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Faults {
    /// A mutation's process is killed, at any step; a commit already sent lands within the lease or never.
    pub kills: u8,
    /// The value or a token without a mark is evicted, or its time to live ends.
    pub evictions: u8,
    /// A token with a mark is evicted, as `allkeys-*` may do.
    pub lost_marks: u8,
    /// The server writes a snapshot.
    pub snapshots: u8,
    /// The server restarts from the last snapshot, or empty if there is none. A promoted replica that
    /// lags behind is the same.
    pub restarts: u8,
    /// The lease of a living mutation runs out before it has ended, by a pause or a leap of the clock.
    pub overruns: u8,
}

/// The mistakes that the model must notice. Mistakes in the order of steps are programs instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The protocol as it is.
    None,
    /// Generations count up from one instead of being random.
    Counters,
    /// The stamp has no run id.
    NoRunId,
    /// One instance reads the run id once and keeps it when it connects again.
    GlobalRunId,
    /// A token that is absent is taken as a part of the stamp like any other.
    AbsentAsStamp,
    /// The stamp is made of the tokens seen after the function ran.
    StampAfterRun,
    /// RESOLVE goes back to the generation before the mark.
    ResolveKeepsOld,
    /// A mark is taken as a part of the stamp like any other token: stored under, and hit while it lasts.
    MarkAsStamp,
    /// A read that finds a mark stores under the generation which the mark carries. This one is harmless:
    /// whatever may commit under the mark leaves another generation behind.
    StoreUnderMark,
    /// A mark whose lease is over is dropped without forgetting the generation before it.
    NoCut,
    /// END changes the generation only where it takes the last mark away.
    EndKeepsOld,
    /// END leaves a token alone that does not hold its mark.
    EndOnlyOwn,
    /// A read in session goes on with the generation of a mark whose leases are over.
    IgnoresLease,
}

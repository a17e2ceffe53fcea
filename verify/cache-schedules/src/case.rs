//! What a run of schedules is about: the policy, which faults may happen and how often, and which
//! defect is seeded, if any.

use mizan_cache::{Consistency, IfUnmarkFails};

/// What all schedules of one run have in common. Everything else is drawn from the seed.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The name by which reports call it.
    pub name: &'static str,
    /// How reads treat marks, and with that what is checked.
    pub consistency: Consistency,
    /// What a mutation does whose end the store does not hear.
    pub if_unmark_fails: IfUnmarkFails,
    /// Which builds of the application run.
    pub builds: Builds,
    /// The most faults of each kind in one schedule.
    pub faults: Faults,
    /// Whether mutations happen; without them every read of an entry gives the same.
    pub mutations: bool,
    /// Whether the clock moves on while an actor could take a step. Where it does not, no process
    /// is ever slow.
    pub slow: bool,
    /// What is wrong on purpose.
    pub defect: Defect,
}

/// Which builds of the application run side by side. They know different shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builds {
    /// One.
    Same,
    /// Two, as in the middle of a deployment.
    Two,
    /// In some schedules one, in others two.
    Drawn,
}

/// How many faults of each kind may happen in one schedule, at most; the number is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// A process is killed: none of its tasks takes another step. A commit that it has sent lands
    /// within its lease or never.
    pub kills: u8,
    /// A value or an open token is evicted.
    pub evictions: u8,
    /// A mark is evicted.
    pub lost_marks: u8,
    /// The store restarts, empty or from an old snapshot.
    pub restarts: u8,
    /// A process stands still until leases of its mutations are over, and goes on.
    pub overruns: u8,
    /// One operation is answered by an error: before it had its effect, after it, or long before it.
    pub losses: u8,
    /// A process does not reach the store for a while.
    pub cuts: u8,
    /// The client of a read goes away, and its future is dropped.
    pub leavers: u8,
    /// Functions fail.
    pub failures: u8,
}

impl Faults {
    /// None at all.
    pub const NONE: Self = Self {
        kills: 0,
        evictions: 0,
        lost_marks: 0,
        restarts: 0,
        overruns: 0,
        losses: 0,
        cuts: 0,
        leavers: 0,
        failures: 0,
    };
}

/// What is wrong on purpose, to prove that schedules find it. All of it is in the simulated store or
/// in what a mutation does, never in the shipped code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Nothing.
    None,
    /// The store forgets to mark at a begin.
    IgnoredBegin,
    /// The store forgets to take marks back at an end.
    IgnoredEnd,
    /// An end takes the mark back and leaves the generation.
    EndKeepsGeneration,
    /// The run of the store is read once per client and not once per connection.
    SameRun,
    /// A reader that creates an absent token takes it for what it last was.
    CachedCreate,
    /// Leases are not renewed, and are over before the commit.
    NoRenewal,
    /// A mutation narrows after its commit, to less than it changed.
    NarrowedLate,
    /// A mutation ends its marks before its commit.
    EndBeforeCommit,
    /// Both builds are taken for one.
    BuildsAlike,
    /// Of a mutation of two contexts, only the first is marked.
    FirstScopeOnly,
    /// Generations are counted, and the count begins again where a token was evicted.
    CountedGenerations,
    /// Leases are taken to be over as soon as an actor asks.
    EarlyResolve,
    /// Tokens are read from a replica that lags behind.
    Replica,
    /// A page runs its view function before it takes its stamps.
    PageReadEarly,
    /// A page is kept without the stamp of the context of its view function.
    PageWithoutOwn,
}

impl Case {
    /// The plain case with this policy: one or two builds, any number of races, no fault.
    pub const fn plain(name: &'static str, consistency: Consistency) -> Self {
        Self {
            name,
            consistency,
            if_unmark_fails: IfUnmarkFails::Hold,
            builds: Builds::Drawn,
            faults: Faults::NONE,
            mutations: true,
            slow: true,
            defect: Defect::None,
        }
    }

    /// The same with these faults.
    pub const fn with(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The same with this defect.
    pub const fn with_defect(mut self, defect: Defect) -> Self {
        self.defect = defect;
        self
    }

    /// The same with these builds.
    pub const fn with_builds(mut self, builds: Builds) -> Self {
        self.builds = builds;
        self
    }
}

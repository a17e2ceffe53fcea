//! What schedules add up to.

use std::fmt;
use std::time::Duration;

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts over all schedules of a run.
        #[derive(Debug, Clone, Default)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counts {
            pub(crate) fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }
        }

        impl fmt::Display for Counts {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(if self.$name > 0 {
                    write!(f, ", {} {}", self.$name, stringify!($name))?;
                })*
                Ok(())
            }
        }
    };
}

counts! {
    /// Reads that began.
    reads,
    /// Answered from the cache.
    hits,
    /// Answered by functions, their own or those of a read that they joined.
    misses,
    /// Answered past the cache.
    bypasses,
    /// Reads of pages that began.
    pages,
    /// Of those, answered from the cache.
    page_hits,
    /// Mutations that began.
    mutations,
    /// Processes that were killed.
    kills,
    /// Values and tokens that were evicted.
    evictions,
    /// Of those, marks.
    lost_marks,
    /// Restarts of the store.
    restarts,
    /// Processes that stood still until a lease was over.
    overruns,
    /// Leases that were over before the commit they were for, by whatever fault.
    lapses,
    /// Operations that were lost.
    losses,
    /// Processes that were cut off for a while.
    cuts,
    /// Clients that went away in the middle of a read.
    leavers,
    /// Reads that broke the promise.
    stale,
}

/// What a run of schedules found.
#[derive(Debug, Clone)]
pub struct Report {
    /// The name of the case.
    pub name: &'static str,
    /// How many schedules were played.
    pub schedules: u64,
    /// What happened in them.
    pub counts: Counts,
    /// How long it took.
    pub took: Duration,
    /// The first schedule that broke a promise.
    pub failure: Option<Failure>,
}

/// A schedule that broke a promise.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What went wrong.
    pub violation: String,
    /// Every step.
    pub trace: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, schedules, counts, took, .. } = self;
        write!(f, "{name}: {schedules} schedules in {:.1} s{counts}", took.as_secs_f64())?;
        write!(f, "; {} stale", counts.stale)
    }
}

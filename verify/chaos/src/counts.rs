//! What has happened so far, counted by every thread.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident: $title:literal,)*) => {
        /// One count for each kind of event.
        #[derive(Debug, Default)]
        pub(crate) struct Counts {
            $($(#[$doc])* pub(crate) $name: Count,)*
        }

        impl Counts {
            /// Every count with its title, in the order of the report.
            pub(crate) fn rows(&self) -> Vec<(&'static str, u64)> {
                vec![$(($title, self.$name.get()),)*]
            }
        }
    };
}

counts! {
    /// Reads that were answered with a bundle.
    reads: "reads",
    /// Those that were lines of a batch.
    batched: "  of these, in batches",
    /// Those that came from the cache, at least in part.
    hits: "hits",
    /// Reads that a living server answered with an error.
    failed: "failed reads",
    /// Mutations that were answered.
    mutations: "mutations",
    /// Mutations that a server refused since it could not reach Redis.
    refused: "refused mutations",
    /// Mutations whose server was killed before it answered.
    broken: "mutations without a response",
    /// Of these, those that had changed the database.
    committed: "  of these, committed",
    /// Mutations whose answer said that the cache could not be told.
    degraded: "degraded responses",
    kills: "servers killed",
    cuts: "network cuts",
    stalls: "network stalls",
    empty: "Redis restarts, empty",
    snapshot: "Redis restarts, old snapshot",
    evictions: "rounds of evictions",
    evicted: "evicted keys",
    /// Reads during a mutation that was under way while Redis restarted, the old value after the new
    /// one. This is documented.
    excused: "reads around a restart, excused",
    not_linearizable: "not linearizable reads",
    /// Reads older than a mutation whose answer had arrived before they began.
    stale: "stale reads",
    /// Answers to another question, or from no version that there was.
    wrong: "wrong reads",
}

/// One count.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

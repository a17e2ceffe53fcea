//! What a cache has done since the start.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts since the start of the process.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: Counter,)*
        }

        /// What a cache has done since the start of the process.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub struct CacheCounts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The counts of now.
            pub fn counts(&self) -> CacheCounts {
                CacheCounts { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters! {
    /// Reads answered from the cache.
    hits,
    /// Reads that found nothing: they ran their functions, or waited for one that did.
    misses,
    /// Those of the misses that waited.
    joined,
    /// Reads that ran their functions and stored nothing: a mutation was under way, or the store
    /// did not answer.
    bypasses,
    /// Times that mutations marked something.
    marks,
    /// Mutations that were refused since nothing could be marked.
    refused,
    /// Mutations that ran without marks, as the policy says.
    unmarked,
    /// Mutations whose marks could not be taken back in time.
    degraded,
    /// Operations that the store did not answer.
    faults,
    /// Times that reads began to leave the store alone.
    breaks,
    /// Hits that were run again.
    audited,
    /// Hits that differed from what their functions gave.
    inconsistent,
}

/// One count.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts one more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The count of now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

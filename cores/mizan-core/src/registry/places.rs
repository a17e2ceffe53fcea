//! The places of calls: a number at one time, and no more than a share of them for one function, or for strangers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Limits, Mizan};
use crate::error::{Error, Result};
use crate::function::Function;
use crate::graph::{FunctionId, Graph};
use crate::task::{Held, InFlightGuard};

/// The share of a function on the blocking pool: a quarter of the 512 threads that tokio has there.
const BLOCKING: usize = 128;

/// The parts of the limit that are counted.
pub(crate) struct Places {
    /// Calls of callers who are not signed in.
    anonymous: Share,
    /// Those of each function, by its position.
    functions: Box<[Share]>,
}

/// A part of the limit, and how much of it is taken.
struct Share {
    taken: Arc<AtomicUsize>,
    most: usize,
}

/// A place in a share, until it is dropped.
struct Taken(Arc<AtomicUsize>);

/// The place of one call.
struct Place {
    _shares: [Option<Taken>; 2],
    /// Dropped last: who waits for the end of every call finds no share taken.
    _all: InFlightGuard,
}

impl Places {
    /// Half of the limit for strangers, and a quarter for each function that does not say otherwise.
    pub(crate) fn new(graph: &Graph, limits: &Limits) -> Self {
        let quarter = limits.calls.div_ceil(4);
        let share = |most| Share { taken: Arc::default(), most };
        let of_function = |function: &Function| match function.at_once {
            Some(most) => most as usize,
            None if function.is_blocking => quarter.min(BLOCKING),
            None => quarter,
        };
        let functions = graph.functions.iter().map(|node| share(of_function(&node.function)));
        Self { anonymous: share(limits.calls.div_ceil(2)), functions: functions.collect() }
    }
}

impl Share {
    /// # Errors
    /// `UNAVAILABLE` where everything is taken.
    fn take(&self, what: &'static str) -> Result<Taken> {
        // Counted before the check, so that two never take the last place.
        let before = self.taken.fetch_add(1, Ordering::SeqCst);
        let taken = Taken(Arc::clone(&self.taken));
        (before < self.most).then_some(taken).ok_or_else(|| Error::unavailable(what))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Mizan {
    /// Counts a call of a function until what this gives is dropped.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the server is stopping, or too many calls are under way: of all, of this function, or of
    /// strangers.
    pub(crate) fn place(&self, function: FunctionId, is_anonymous: bool) -> Result<Held> {
        let all = self.count_in()?;
        let places = &self.0.places;
        let of_function = places
            .functions
            .get(function.index())
            .map(|share| share.take("too many calls of this function are under way"));
        let anonymous = is_anonymous
            .then(|| places.anonymous.take("too many calls without a sign-in are under way"));
        let shares = [of_function.transpose()?, anonymous.transpose()?];
        Ok(Arc::new(Place { _shares: shares, _all: all }))
    }
}

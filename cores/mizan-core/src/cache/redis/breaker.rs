//! When to leave a store alone.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Opens after some faults in a row. The task that opens it also closes it again.
#[derive(Debug)]
pub(super) struct Breaker {
    limit: u32,
    faults: AtomicU32,
    open: AtomicBool,
}

impl Breaker {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, faults: AtomicU32::new(0), open: AtomicBool::new(false) }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    pub(super) fn well(&self) {
        // Written by hits too, so read first: the line stays shared between cores.
        if self.faults.load(Ordering::Relaxed) != 0 {
            self.faults.store(0, Ordering::Relaxed);
        }
    }

    /// Counts a fault; true where this one opens the breaker.
    pub(super) fn fault(&self) -> bool {
        self.faults.fetch_add(1, Ordering::Relaxed) + 1 >= self.limit
            && !self.open.swap(true, Ordering::SeqCst)
    }

    pub(super) fn close(&self) {
        self.faults.store(0, Ordering::Relaxed);
        self.open.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_once_after_faults_in_a_row() {
        let breaker = Breaker::new(3);
        assert!(!breaker.fault() && !breaker.fault());
        breaker.well();
        assert!(!breaker.fault() && !breaker.fault() && !breaker.is_open());
        assert!(breaker.fault() && breaker.is_open());
        assert!(!breaker.fault(), "it is open already");
        breaker.close();
        assert!(!breaker.is_open() && !breaker.fault());
    }
}

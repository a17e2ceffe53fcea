//! How many calls are under way.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::runtime::Runtime;

/// How many mutations are under way, so that a stop can wait for them.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    count: AtomicUsize,
    idle: Notify,
}

impl InFlight {
    /// Counts one until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> InFlightGuard {
        self.count.fetch_add(1, Ordering::SeqCst);
        InFlightGuard(Arc::clone(self))
    }

    /// Runs work to its end, counted from here on.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        runtime: &Runtime,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let counted = self.enter();
        runtime.spawn(async move {
            work.await;
            drop(counted);
        });
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Ends when nothing is under way.
    pub(crate) async fn drained(&self) {
        loop {
            // The registration comes before the check, or the last one could leave between them.
            let mut told = pin!(self.idle.notified());
            told.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            told.await;
        }
    }
}

pub(crate) struct InFlightGuard(Arc<InFlight>);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

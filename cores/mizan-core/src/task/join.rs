//! Runs the members of a bundle side by side, in place.

use std::pin::Pin;
use std::task::{Context, Poll};

enum Slot<F: Future> {
    Running(F),
    Done(F::Output),
    Taken,
}

/// Polls every future until all are done; the outputs keep their order.
pub(crate) struct Join<F: Future + Unpin>(Vec<Slot<F>>);

impl<F: Future + Unpin> Join<F> {
    pub(crate) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        Self(futures.into_iter().map(|future| Slot::Running(future)).collect())
    }
}

// The futures do not depend on their address, and outputs are moved out whole.
impl<F: Future + Unpin> Unpin for Join<F> {}

impl<F: Future + Unpin> Future for Join<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut pending = false;
        for slot in &mut self.0 {
            if let Slot::Running(future) = slot {
                match Pin::new(future).poll(cx) {
                    Poll::Ready(output) => *slot = Slot::Done(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            return Poll::Pending;
        }
        let take = |slot: &mut Slot<F>| match std::mem::replace(slot, Slot::Taken) {
            Slot::Done(output) => Some(output),
            Slot::Running(_) | Slot::Taken => None,
        };
        Poll::Ready(self.0.iter_mut().filter_map(take).collect())
    }
}

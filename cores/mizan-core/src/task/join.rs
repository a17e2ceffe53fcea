//! Runs the members of a bundle side by side, in place.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

enum Slot<F: Future> {
    Running(F),
    Done(F::Output),
}

impl<F: Future> Slot<F> {
    fn output(self) -> Option<F::Output> {
        match self {
            Self::Done(output) => Some(output),
            Self::Running(_) => None,
        }
    }
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
    type Output = Outputs<F>;

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
        Poll::Ready(Outputs(std::mem::take(&mut self.0).into_iter()))
    }
}

/// What the futures gave, in their order.
pub(crate) struct Outputs<F: Future>(vec::IntoIter<Slot<F>>);

impl<F: Future> Iterator for Outputs<F> {
    type Item = F::Output;

    fn next(&mut self) -> Option<F::Output> {
        self.0.find_map(Slot::output)
    }
}

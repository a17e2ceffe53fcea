//! Work that outlives its caller.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::BoxFuture;
use super::runtime::Runtime;

/// A future that is polled in place, and goes on alone if it is dropped unfinished and `goes_on` returns true.
///
/// Most calls are awaited to their end and cost no task of their own; only an abandoned one is
/// spawned, on the runtime that outlives workers.
pub(crate) struct Detach<T: Send + 'static, G: Fn() -> bool> {
    work: Option<BoxFuture<'static, T>>,
    goes_on: G,
    runtime: Runtime,
}

impl<T: Send + 'static, G: Fn() -> bool> Detach<T, G> {
    pub(crate) fn new(work: BoxFuture<'static, T>, goes_on: G, runtime: Runtime) -> Self {
        Self { work: Some(work), goes_on, runtime }
    }
}

impl<T: Send + 'static, G: Fn() -> bool + Unpin> Future for Detach<T, G> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        let poll = work.as_mut().poll(cx);
        if poll.is_ready() {
            self.work = None;
        }
        poll
    }
}

impl<T: Send + 'static, G: Fn() -> bool> Drop for Detach<T, G> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take().filter(|_| (self.goes_on)()) {
            self.runtime.spawn(async move { drop(work.await) });
        }
    }
}

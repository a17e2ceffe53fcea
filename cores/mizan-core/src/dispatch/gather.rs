//! Runs of functions with `Each` that entries of one request share.
//!
//! An entry holds a [`Ticket`] while it may still have to run such a function: until it runs it, turns out to be a hit,
//! waits for a read of another request, or ends. When no ticket of a context is left, its runs start, each for every
//! entry that has come. Nothing here waits for another request, so two requests never wait for each other.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Sleep;

use super::run::{run_each, start, write};
use crate::error::{Error, Result};
use crate::function::{Decoded, MAX_KEYS, Outcome};
use crate::graph::{ContextId, FunctionNode};
use crate::output::Ready;
use crate::request::RawRequest;
use crate::task::{BoxFuture, Runtime};
use crate::visibility::Visibility;

/// A run waits no longer than this for entries that may still come: a guard or a store may be slow.
const PATIENCE: Duration = Duration::from_millis(20);

type Sender = oneshot::Sender<Result<Outcome>>;

/// What the entries of one request have asked for.
pub(crate) struct Gather<'g> {
    /// At most this number of functions run at once.
    places: Semaphore,
    state: Mutex<State<'g>>,
}

#[derive(Default)]
struct State<'g> {
    /// For each context how many entries may still come.
    expected: Vec<(ContextId, usize)>,
    waiting: Vec<Group<'g>>,
}

/// Entries that one run is for.
struct Group<'g> {
    node: &'g FunctionNode,
    context: ContextId,
    request: Arc<RawRequest>,
    /// The other arguments; `None` where they cannot be compared.
    others: Option<Vec<u8>>,
    entries: Vec<(Box<dyn Decoded>, Sender)>,
}

/// The result of an entry that another entry of the same key needs too.
struct Written(Bytes);

impl Ready for Written {
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), String> {
        buffer.extend_from_slice(&self.0);
        Ok(())
    }
}

impl<'g> Gather<'g> {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { places: Semaphore::new(at_once), state: Mutex::default() }
    }

    /// The right to run a function.
    pub(crate) fn places(&self) -> &Semaphore {
        &self.places
    }

    /// Announces an entry of a context that has a function with `Each`.
    pub(crate) fn ticket(&self, context: ContextId) -> Ticket<'_, 'g> {
        let mut state = self.state();
        match state.expected.iter_mut().find(|(known, _)| *known == context) {
            Some((_, entries)) => *entries += 1,
            None => state.expected.push((context, 1)),
        }
        Ticket { gather: self, context, is_open: AtomicBool::new(true) }
    }

    fn state(&self) -> MutexGuard<'_, State<'g>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out the groups that may start now.
    fn due(&self, is_late: bool) -> Vec<Group<'g>> {
        let mut state = self.state();
        let State { expected, waiting } = &mut *state;
        let is_expected = |group: &Group<'g>| {
            expected.iter().any(|(context, entries)| *context == group.context && *entries > 0)
        };
        waiting.extract_if(.., |group| is_late || !is_expected(group)).collect()
    }

    fn is_waiting(&self) -> bool {
        !self.state().waiting.is_empty()
    }
}

/// The place of an entry among those that a run waits for.
pub(crate) struct Ticket<'t, 'g> {
    gather: &'t Gather<'g>,
    context: ContextId,
    is_open: AtomicBool,
}

impl<'g> Ticket<'_, 'g> {
    /// Starts a member of the entry: one with `Each` in the run that is shared, any other one in its turn.
    pub(super) fn start<'s>(
        &'s self,
        (node, decoded): (&'g FunctionNode, Box<dyn Decoded>),
        request: &Arc<RawRequest>,
        runtime: &Runtime,
    ) -> BoxFuture<'s, (&'g FunctionNode, Result<Outcome>)> {
        if node.function.takes_each {
            let outcome = self.join(node, decoded, request);
            return Box::pin(async move {
                let lost = |_| Err(Error::internal("a shared run has no result for this entry"));
                (node, outcome.await.unwrap_or_else(lost))
            });
        }
        let started = start(node, decoded, request, (runtime, None));
        Box::pin(async move {
            let _place = self.gather.places.acquire().await;
            started.await
        })
    }

    /// Adds an entry to the run that it belongs to.
    fn join(
        &self,
        node: &'g FunctionNode,
        decoded: Box<dyn Decoded>,
        request: &Arc<RawRequest>,
    ) -> oneshot::Receiver<Result<Outcome>> {
        let (sender, receiver) = oneshot::channel();
        let others = decoded.group();
        let sees_all = node.function.visibility == Visibility::Raw;
        let mut state = self.gather.state();
        // Entries of one request have one caller; one that sees the whole request has its own.
        let group = state.waiting.iter_mut().find(|group| {
            std::ptr::eq(group.node, node)
                && (!sees_all || Arc::ptr_eq(&group.request, request))
                && others.is_some()
                && group.others == others
                && group.entries.len() < MAX_KEYS
        });
        match group {
            Some(group) => group.entries.push((decoded, sender)),
            None => state.waiting.push(Group {
                node,
                context: self.context,
                request: Arc::clone(request),
                others,
                entries: vec![(decoded, sender)],
            }),
        }
        receiver
    }

    /// This entry joins no run that has not started.
    pub(crate) fn close(&self) {
        if !self.is_open.swap(false, Ordering::SeqCst) {
            return;
        }
        let mut state = self.gather.state();
        if let Some((_, entries)) =
            state.expected.iter_mut().find(|(context, _)| *context == self.context)
        {
            *entries = entries.saturating_sub(1);
        }
    }
}

impl Drop for Ticket<'_, '_> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Drives entries and the runs that they share.
pub(crate) struct Gathered<'t, 'g, F> {
    gather: &'t Gather<'g>,
    runtime: &'t Runtime,
    entries: F,
    running: Vec<BoxFuture<'t, ()>>,
    patience: Option<Pin<Box<Sleep>>>,
}

impl<'t, 'g: 't, F: Future<Output = ()> + Unpin> Gathered<'t, 'g, F> {
    pub(crate) fn new(gather: &'t Gather<'g>, runtime: &'t Runtime, entries: F) -> Self {
        Self { gather, runtime, entries, running: Vec::new(), patience: None }
    }

    /// Whether those that wait have waited long enough.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.gather.is_waiting() {
            self.patience = None;
            return false;
        }
        let sleep = || Box::pin(tokio::time::sleep(PATIENCE));
        let is_late = self.patience.get_or_insert_with(sleep).as_mut().poll(cx).is_ready();
        if is_late {
            self.patience = None;
        }
        is_late
    }

    fn start(&mut self, groups: Vec<Group<'g>>) {
        let (gather, runtime) = (self.gather, self.runtime);
        for group in groups {
            self.running.push(Box::pin(async move {
                let _place = gather.places.acquire().await;
                run(group, runtime).await;
            }));
        }
    }
}

impl<'t, 'g: 't, F: Future<Output = ()> + Unpin> Future for Gathered<'t, 'g, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            // First every entry, so that all that can come have come.
            if Pin::new(&mut this.entries).poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let due = this.gather.due(false);
            this.start(due);
            if this.is_late(cx) {
                let due = this.gather.due(true);
                this.start(due);
            }
            let before = this.running.len();
            this.running.retain_mut(|run| run.as_mut().poll(cx).is_pending());
            // What has ended is what entries wait for.
            if this.running.len() == before {
                return Poll::Pending;
            }
        }
    }
}

/// Runs a group, and hands each entry its outcome.
async fn run(group: Group<'_>, runtime: &Runtime) {
    let Group { node, request, entries, .. } = group;
    let (decoded, senders): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    let mut decoded = decoded.into_iter();
    let Some(first) = decoded.next() else { return };
    let found = run_each(node, (first, decoded.collect()), &request, runtime).await;
    let mut found = found.unwrap_or_else(|error| vec![((0..senders.len()).collect(), Err(error))]);
    let mut outcomes: Vec<Option<Result<Outcome>>> = senders.iter().map(|_| None).collect();
    for (positions, outcome) in found.drain(..) {
        if let [at] = positions[..] {
            outcomes[at] = Some(outcome);
            continue;
        }
        let written = outcome.and_then(|outcome| written(node, &outcome));
        for at in positions {
            outcomes[at] = Some(again(&written));
        }
    }
    for (sender, outcome) in senders.into_iter().zip(outcomes) {
        if let Some(outcome) = outcome {
            // An entry that is gone needs nothing.
            let _ = sender.send(outcome);
        }
    }
}

/// The JSON of a result.
fn written(node: &FunctionNode, outcome: &Outcome) -> Result<Bytes> {
    let Outcome::Value(value) = outcome else {
        return Err(Error::internal("a function with `Each` returned a view"));
    };
    let mut json = Vec::new();
    write(node, &**value, &mut json)?;
    Ok(json.into())
}

/// The same outcome for another entry.
fn again(written: &Result<Bytes>) -> Result<Outcome> {
    match written {
        Ok(json) => Ok(Outcome::Value(Box::new(Written(json.clone())))),
        Err(error) => Err(error.shared()),
    }
}

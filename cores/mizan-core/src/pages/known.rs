//! The pages that this process has served: what each reads, so that its name is known before it is rendered, and which are
//! to be rendered again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mizan_cache::Entry;
use mizan_schema::Target;
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::stored::StoredPage;
use crate::graph::{ContextId, FunctionId, Graph};

/// More pages are not remembered; those that were served longest ago are forgotten.
const MAX_PAGES: usize = 10_000;
/// More changes that were not looked at yet stand for all of their contexts.
const MAX_CHANGES: usize = 1_024;
/// A page is begun ahead at most so often.
const PAUSE: Duration = Duration::from_millis(500);

/// A page by its view function and the JSON of its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PageId {
    pub(crate) function: FunctionId,
    pub(crate) args: Arc<str>,
}

/// What a page reads: contexts with their parameters, in the order in which its view function named them.
pub(crate) type Reads = Arc<[(ContextId, Map<String, Value>)]>;

/// What is known of a page.
#[derive(Debug, Default)]
struct Known {
    reads: Option<Reads>,
    /// Where it was stored last.
    entry: Option<Entry>,
    /// The page as it was rendered last, where old ones may be served.
    old: Option<Arc<StoredPage>>,
    /// When it was last begun ahead.
    begun: Option<Instant>,
    is_due: bool,
    /// Counts what was asked, so that the oldest can be found.
    used: u64,
}

/// The pages of this process.
#[derive(Debug, Default)]
pub(crate) struct KnownPages {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    pages: HashMap<PageId, Known>,
    used: u64,
    changes: Vec<Target>,
    due: VecDeque<PageId>,
}

impl State {
    fn page(&mut self, id: &PageId) -> &mut Known {
        self.used += 1;
        let used = self.used;
        if self.pages.len() >= MAX_PAGES && !self.pages.contains_key(id) {
            let oldest = self.pages.iter().min_by_key(|(_, known)| known.used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.pages.remove(&oldest);
            }
        }
        let known = self.pages.entry(id.clone()).or_default();
        known.used = used;
        known
    }
}

impl KnownPages {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page read when it was last rendered.
    pub(crate) fn reads(&self, id: &PageId) -> Option<Reads> {
        self.lock().page(id).reads.clone()
    }

    /// The page reads this from now on.
    pub(crate) fn learn(&self, id: &PageId, reads: &Reads) {
        self.lock().page(id).reads = Some(Arc::clone(reads));
    }

    /// The page was stored there, and maybe is kept to be served when it is old. Gives the entry that it was in before.
    pub(crate) fn stored(
        &self,
        id: &PageId,
        entry: Entry,
        old: Option<Arc<StoredPage>>,
    ) -> Option<Entry> {
        let mut state = self.lock();
        let known = state.page(id);
        known.old = old;
        let before = known.entry.replace(entry);
        before.filter(|before| {
            known.entry.as_ref().is_some_and(|now| now.lookup.value != before.lookup.value)
        })
    }

    /// The page as it was rendered last.
    pub(crate) fn old(&self, id: &PageId) -> Option<Arc<StoredPage>> {
        self.lock().page(id).old.clone()
    }

    /// Something has changed. This is quick: which pages it concerns is found out later.
    pub(crate) fn changed(&self, targets: &[Target]) {
        let mut state = self.lock();
        if state.pages.is_empty() {
            return;
        }
        for target in targets {
            if state.changes.len() < MAX_CHANGES {
                state.changes.push(target.clone());
            } else if !state
                .changes
                .iter()
                .any(|known| known.context == target.context && known.params.is_empty())
            {
                state.changes.push(Target::context(&*target.context));
            }
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Waits until something has changed.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// The pages that are to be rendered now, each at most once, and how long to wait for the next.
    pub(crate) fn due(&self, graph: &Graph, now: Instant) -> (Vec<PageId>, Option<Duration>) {
        let mut state = self.lock();
        let State { pages, changes, due, .. } = &mut *state;
        let changes = std::mem::take(changes);
        for (id, known) in pages.iter_mut() {
            if !known.is_due && known.entry.is_some() && concerns(graph, id, known, &changes) {
                known.is_due = true;
                due.push_back(id.clone());
            }
        }
        let (mut ready, mut wait) = (Vec::new(), None);
        due.retain(|id| {
            let Some(known) = pages.get_mut(id) else { return false };
            let left = known.begun.and_then(|begun| (begun + PAUSE).checked_duration_since(now));
            match left.filter(|left| !left.is_zero()) {
                Some(left) => {
                    wait = Some(wait.map_or(left, |wait: Duration| wait.min(left)));
                    true
                }
                None => {
                    (known.begun, known.is_due) = (Some(now), false);
                    ready.push(id.clone());
                    false
                }
            }
        });
        (ready, wait)
    }

    /// How many pages are known.
    pub(crate) fn count(&self) -> usize {
        self.lock().pages.len()
    }
}

/// Whether one of the changes concerns a page: one of its bundles, or the context of its view function.
fn concerns(graph: &Graph, id: &PageId, known: &Known, changes: &[Target]) -> bool {
    if changes.is_empty() {
        return false;
    }
    let own = graph[id.function].function.context.as_ref().map(|own| &*own.name);
    let args = || serde_json::from_str::<Map<String, Value>>(&id.args).unwrap_or_default();
    let reads = known.reads.iter().flat_map(|reads| reads.iter());
    changes
        .iter()
        .any(|target| own.is_some_and(|own| *own == *target.context && target.covers(own, &args())))
        || reads.into_iter().any(|(context, params)| {
            let name = &*graph[*context].name;
            changes.iter().any(|target| target.covers(name, params))
        })
}

//! Mutations that ran without marks ([`IfMarkFails::Proceed`](crate::IfMarkFails::Proceed)), until the store
//! knows of them: this process goes past the cache for whatever they touched.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::Engine;
use crate::store::{Lookup, Scope, Store};
use crate::token::{MarkId, Op};

/// How long to wait before the store is told again, at first and at most.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(1);

/// Beyond this many scopes, whole contexts stand for them.
const MAX_SCOPES: usize = 1_024;

/// What the store has not been told of.
#[derive(Debug, Default)]
pub(super) struct Untold {
    /// How many mutations there are, so that a read with none to look at takes no lock.
    count: AtomicUsize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    scopes: BTreeMap<MarkId, Vec<Scope>>,
    /// Those that have ended and could not tell the store.
    ended: BTreeMap<MarkId, Vec<Scope>>,
    /// Whether the task runs that tells it.
    running: bool,
}

impl Held {
    fn all(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.values().chain(self.ended.values()).flatten()
    }
}

impl Untold {
    /// Adds what a mutation may change from now on.
    pub(super) fn add(&self, id: MarkId, scopes: &[Scope]) {
        let mut held = self.lock();
        held.scopes.entry(id).or_default().extend_from_slice(scopes);
        self.count(&held);
    }

    /// The store was told.
    pub(super) fn remove(&self, id: MarkId) {
        // None is the rule.
        if self.count.load(Ordering::SeqCst) > 0 {
            let mut held = self.lock();
            held.scopes.remove(&id);
            self.count(&held);
        }
    }

    /// Whether something may have changed an entry without the store being told. Asked before the store
    /// is: a mutation that is no longer here has changed the generations that the store gives.
    pub(super) fn covers(&self, lookup: &Lookup) -> bool {
        let touches = |scope: &Scope| {
            let named = |token| lookup.tokens.contains(token);
            scope.context == lookup.context
                && (scope.narrow.is_empty() || scope.narrow.iter().any(named))
        };
        self.count.load(Ordering::SeqCst) > 0 && self.lock().all().any(touches)
    }

    /// The mutation has ended without telling the store. True where nobody is about to do so.
    fn left(&self, id: MarkId) -> bool {
        let mut held = self.lock();
        let Some(scopes) = held.scopes.remove(&id) else { return false };
        held.ended.insert(id, scopes);
        if held.ended.values().map(Vec::len).sum::<usize>() > MAX_SCOPES {
            let all = std::mem::take(&mut held.ended);
            let mut broad: BTreeMap<Arc<str>, Scope> = BTreeMap::new();
            for scope in all.into_values().flatten() {
                let whole = Scope { narrow: Vec::new(), ..scope };
                broad.insert(Arc::clone(&whole.context), whole);
            }
            held.ended.insert(id, broad.into_values().collect());
        }
        !std::mem::replace(&mut held.running, true)
    }

    /// What there is to tell; none ends the task that does.
    fn due(&self) -> Option<(Vec<MarkId>, Vec<Scope>)> {
        let mut held = self.lock();
        if held.ended.is_empty() {
            held.running = false;
            return None;
        }
        let mut scopes: Vec<Scope> = Vec::new();
        for scope in held.ended.values().flatten() {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        Some((held.ended.keys().copied().collect(), scopes))
    }

    fn told(&self, ids: &[MarkId]) {
        let mut held = self.lock();
        ids.iter().for_each(|id| drop(held.ended.remove(id)));
        self.count(&held);
    }

    fn count(&self, held: &Held) {
        self.count.store(held.scopes.len() + held.ended.len(), Ordering::SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Store, E: Send + Sync + 'static> Engine<S, E> {
    /// Tells the store, for as long as it takes, of a mutation that has ended. One task does so for all.
    pub(super) fn tell_later(self: &Arc<Self>, id: MarkId) {
        if !self.untold.left(id) {
            return;
        }
        let engine = Arc::clone(self);
        self.store.spawn(async move {
            let mut pause = FIRST_RETRY;
            while let Some((ids, scopes)) = engine.untold.due() {
                let id = engine.store.mark_id();
                match engine.store.change(Op::End, id, &scopes).await {
                    Ok(()) => {
                        engine.untold.told(&ids);
                        pause = FIRST_RETRY;
                        continue;
                    }
                    Err(fault) => tracing::debug!(%fault, "the cache is not told yet"),
                }
                engine.store.sleep(pause).await;
                pause = (pause * 2).min(LAST_RETRY);
            }
        });
    }
}

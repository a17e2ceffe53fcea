//! Mutations that ran without marks ([`IfMarkFails::Proceed`](crate::IfMarkFails::Proceed)). Until the store
//! knows of them, this process bypasses the cache for what they touched.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::Engine;
use crate::store::{Lookup, Scope, Store};
use crate::token::{MarkId, Op};

/// The pause before the store is notified again, at first and at most.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(1);

/// Beyond this many scopes, whole contexts stand for them.
const MAX_SCOPES: usize = 1_024;

/// Mutations that the store does not know of.
#[derive(Debug, Default)]
pub(super) struct Untold {
    /// How many mutations there are, so that a read with none to read takes no lock.
    count: AtomicUsize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    scopes: BTreeMap<MarkId, Vec<Scope>>,
    /// Those that have ended and could not tell the store.
    ended: BTreeMap<MarkId, Vec<Scope>>,
    /// Whether the task runs that notifies it.
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

    /// The store knows of it.
    pub(super) fn remove(&self, id: MarkId) {
        // None is the rule.
        if self.count.load(Ordering::SeqCst) > 0 {
            let mut held = self.lock();
            held.scopes.remove(&id);
            self.count(&held);
        }
    }

    /// Whether a mutation may have changed an entry that the store does not know of. A read asks this before it
    /// looks into the store: once a mutation is removed here, the store has new generations.
    pub(super) fn covers(&self, lookup: &Lookup) -> bool {
        let touches = |scope: &Scope| {
            let named = |token| lookup.tokens.contains(token);
            scope.context == lookup.context
                && (scope.narrow.is_empty() || scope.narrow.iter().any(named))
        };
        self.count.load(Ordering::SeqCst) > 0 && self.lock().all().any(touches)
    }

    /// The mutation has ended, and the store does not know. True if no task runs that notifies it.
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

    /// What the store must be notified of; `None` ends the task.
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
    /// Notifies the store of a mutation that has ended, for as long as it takes. One task does so for all.
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
                    Err(fault) => tracing::debug!(%fault, "the cache is not notified yet"),
                }
                engine.store.sleep(pause).await;
                pause = (pause * 2).min(LAST_RETRY);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;

    fn name(at: usize) -> crate::keys::Name {
        let text = at.to_string();
        Keys::Plain.token("user", [("user_id", Some(text.as_str()))])
    }

    fn scope(at: usize) -> Scope {
        let broad = Keys::Plain.token("user", []);
        Scope { context: "user".into(), build: 1, broad, narrow: vec![name(at)] }
    }

    fn lookup(at: usize) -> Lookup {
        let value = name(at);
        Lookup { context: "user".into(), value: value.clone(), tokens: vec![value], build: 1 }
    }

    #[test]
    fn what_a_mutation_touched_is_covered_until_the_store_knows() {
        let untold = Untold::default();
        untold.add(1, &[scope(5)]);
        assert!(untold.covers(&lookup(5)) && !untold.covers(&lookup(6)));
        // One task for all.
        assert!(untold.left(1) && !untold.left(1));
        assert_eq!(untold.due(), Some((vec![1], vec![scope(5)])));
        untold.told(&[1]);
        assert!(!untold.covers(&lookup(5)));
        assert_eq!(untold.due(), None);
    }

    #[test]
    fn beyond_a_bound_the_whole_context_is_covered() {
        let untold = Untold::default();
        for at in 0..=MAX_SCOPES {
            let id = at as MarkId;
            untold.add(id, &[scope(at)]);
            untold.left(id);
        }
        let (ids, scopes) = untold.due().unwrap();
        assert_eq!((ids.len(), scopes.len()), (1, 1));
        assert!(untold.covers(&lookup(MAX_SCOPES + 1)));
        untold.told(&ids);
        assert!(!untold.covers(&lookup(0)));
    }
}

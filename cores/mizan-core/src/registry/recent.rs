//! What was read lately, to be read again after a mutation. In debug builds, where the graph checks
//! itself ([`Builder::check_effects`](crate::Builder::check_effects)).

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use mizan_schema::Target;
use serde_json::{Map, Value};

use super::UndeclaredEffect;
use crate::graph::{ContextId, FunctionId};
use crate::request::RawRequest;
use crate::task::InFlight;

/// The number of reads that are kept.
const READS: usize = 64;

/// One read and what it gave.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) context: ContextId,
    pub(crate) query: Arc<str>,
    pub(crate) request: Arc<RawRequest>,
    /// The entry, by its parameters.
    pub(crate) params: Arc<Map<String, Value>>,
    pub(crate) body: Bytes,
    /// The number of the last change that had ended when the body was known to be right.
    pub(crate) through: u64,
    /// Members that a change of their own has made stale since.
    pub(crate) stale: BTreeSet<String>,
}

/// The reads of one registry, and its changes by number.
#[derive(Default)]
pub(crate) struct Recent {
    state: Mutex<State>,
    /// Checks under way.
    pub(crate) checks: Arc<InFlight>,
}

#[derive(Default)]
struct State {
    begun: u64,
    ended: u64,
    /// The newest last.
    reads: VecDeque<Seen>,
    /// What was reported already, by function and context.
    reported: BTreeSet<(FunctionId, ContextId)>,
    found: Vec<UndeclaredEffect>,
}

impl State {
    fn quiet(&self) -> Option<u64> {
        (self.begun == self.ended).then_some(self.ended)
    }
}

/// A change that has begun. It ends when this is dropped.
pub(crate) struct Change {
    recent: Arc<Recent>,
    /// Its number, if it began while no other one ran.
    alone: Option<u64>,
}

impl Drop for Change {
    fn drop(&mut self) {
        self.recent.lock().ended += 1;
    }
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many changes have ended, if none is under way.
    pub(crate) fn quiet(&self) -> Option<u64> {
        self.lock().quiet()
    }

    /// Keeps a read that began at a quiet moment, if no change has begun since.
    pub(crate) fn keep(&self, seen: Seen) {
        let mut state = self.lock();
        if state.quiet() != Some(seen.through) {
            return;
        }
        state.reads.retain(|known| !known.is_same_entry(&seen));
        if state.reads.len() == READS {
            state.reads.pop_front();
        }
        state.reads.push_back(seen);
    }

    /// Forgets a read.
    pub(crate) fn forget(&self, seen: &Seen) {
        self.lock().reads.retain(|known| !known.is_same_entry(seen));
    }

    /// A change begins.
    pub(crate) fn begin(self: &Arc<Self>) -> Change {
        let mut state = self.lock();
        let alone = state.quiet().map(|_| state.begun + 1);
        state.begun += 1;
        Change { recent: Arc::clone(self), alone }
    }

    /// The reads, and the number of the last change.
    pub(crate) fn reads(&self) -> (u64, Vec<Seen>) {
        let state = self.lock();
        (state.ended, state.reads.iter().rev().cloned().collect())
    }

    /// Takes note of an effect; false where the same function and context were reported before.
    pub(crate) fn found(&self, call: (FunctionId, ContextId), effect: UndeclaredEffect) -> bool {
        let mut state = self.lock();
        state.found.push(effect);
        // A test that never asks must not keep all of them.
        let surplus = state.found.len().saturating_sub(READS);
        state.found.drain(..surplus);
        state.reported.insert(call)
    }

    /// The effects that were found since this was last asked.
    pub(crate) fn take_found(&self) -> Vec<UndeclaredEffect> {
        std::mem::take(&mut self.lock().found)
    }
}

impl Change {
    /// The change ends: what it declares is stale. Gives its number if no other change ran next to it.
    pub(crate) fn end(self, targets: &[Target], name: impl Fn(ContextId) -> String) -> Option<u64> {
        let mut state = self.recent.lock();
        state.reads.retain_mut(|seen| {
            let context = name(seen.context);
            let mut covering =
                targets.iter().filter(|target| target.covers(&context, &seen.params));
            covering.all(|target| match &target.function {
                Some(member) => {
                    seen.stale.insert(member.clone());
                    true
                }
                None => false,
            })
        });
        let number = self.alone.filter(|number| *number == state.begun);
        drop(state);
        drop(self);
        number
    }
}

impl Seen {
    fn is_same_entry(&self, other: &Self) -> bool {
        let user = |seen: &Self| seen.request.user().cloned();
        self.context == other.context && self.params == other.params && user(self) == user(other)
    }
}

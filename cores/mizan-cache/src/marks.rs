//! The protocol of mutations: mark before the change, take back after it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::engine::Engine;
use crate::millis;
use crate::policy::{IfMarkFails, IfUnmarkFails};
use crate::stamp::Consistency;
use crate::store::{Fault, Scope, Store};
use crate::token::{MarkId, Op};

/// How long to wait before an end is tried again, at first and at most.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(1);
/// A strict response waits for its end for this time: less than a caller waits for a response.
const LONGEST_HOLD: Duration = Duration::from_secs(20);

/// The marks of one mutation. They are taken back by [`Marks::end`], or when this is dropped.
pub struct Marks<S: Store, E: Send + Sync + 'static> {
    engine: Arc<Engine<S, E>>,
    held: Arc<Held>,
    ended: AtomicBool,
    /// Whether it is already logged that the store could not be notified.
    refused: AtomicBool,
}

/// What one mutation has marked. Its operations follow each other, so that a renewal never comes
/// after the end.
#[derive(Debug)]
pub(super) struct Held {
    id: MarkId,
    scopes: tokio::sync::Mutex<Vec<Scope>>,
}

/// How the end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything that the mutation made stale is gone from the cache.
    Clean,
    /// The store could not be notified; its marks block until their lease is over.
    Degraded,
}

/// Mutations that hold marks.
#[derive(Debug, Default)]
pub(super) struct Renewals(Mutex<Holders>);

#[derive(Debug, Default)]
struct Holders {
    /// Each with the rounds since its last renewal.
    held: BTreeMap<MarkId, (Arc<Held>, u8)>,
    /// Whether the task runs that renews them.
    running: bool,
}

impl<S: Store, E: Send + Sync + 'static> Engine<S, E> {
    /// Marks what a mutation is about to change.
    ///
    /// # Errors
    /// Where the store cannot be notified and the policy refuses such mutations; nothing has happened
    /// then.
    pub async fn begin(self: &Arc<Self>, scopes: Vec<Scope>) -> Result<Marks<S, E>, Fault> {
        let id = self.store.mark_id();
        let marked = self.mark(id, &scopes).await;
        let held = Arc::new(Held { id, scopes: tokio::sync::Mutex::new(scopes) });
        let (ended, refused) = (AtomicBool::new(false), AtomicBool::new(false));
        let marks = Marks { engine: Arc::clone(self), held, ended, refused };
        marks.began(marked)?;
        if S::SHARED && self.marks() {
            self.renew(&marks.held);
        }
        Ok(marks)
    }

    /// Marks; false where there is nothing to be marked. What is going to be changed without marks is
    /// kept in mind, until the store knows.
    async fn mark(&self, id: MarkId, scopes: &[Scope]) -> Result<bool, Fault> {
        if !self.marks() || scopes.is_empty() {
            return Ok(false);
        }
        let marked = self.store.change(Op::Begin, id, scopes).await;
        if marked.is_err() && self.policy.if_mark_fails == IfMarkFails::Proceed {
            self.untold.add(id, scopes);
        }
        marked.map(|()| true)
    }

    /// Makes everything stale that some scopes cover, at once.
    pub async fn invalidate(&self, scopes: &[Scope]) -> Ended {
        if scopes.is_empty() {
            Ended::Clean
        } else {
            self.end(self.store.mark_id(), scopes, self.policy.lease, false).await
        }
    }

    /// Ends marks; tries again for this time. `is_said` if it is already logged that the store is away.
    async fn end(&self, id: MarkId, scopes: &[Scope], patience: Duration, is_said: bool) -> Ended {
        let (since, mut pause) = (self.store.now(), FIRST_RETRY);
        let waited = || self.store.now().saturating_sub(since);
        loop {
            match self.store.change(Op::End, id, scopes).await {
                Ok(()) => {
                    self.untold.remove(id);
                    return Ended::Clean;
                }
                Err(fault) if waited() >= millis(patience) => {
                    if !is_said {
                        tracing::error!(%fault, "the cache was not notified of what a mutation made stale");
                    }
                    return Ended::Degraded;
                }
                Err(fault) => tracing::warn!(%fault, "an end is tried again"),
            }
            self.store.sleep(pause).await;
            pause = (pause * 2).min(LAST_RETRY);
        }
    }

    /// The same, while no one waits.
    fn end_later(self: &Arc<Self>, held: Arc<Held>, patience: Duration, is_said: bool) {
        let engine = Arc::clone(self);
        self.store.spawn_counted(async move {
            let scopes = std::mem::take(&mut *held.scopes.lock().await);
            if scopes.is_empty() {
                return;
            }
            if engine.end(held.id, &scopes, patience, is_said).await == Ended::Degraded {
                engine.tell_later(held.id);
            }
        });
    }

    /// Renews the lease of these marks for as long as they are held. One task does so for all, and
    /// ends when there are none.
    fn renew(self: &Arc<Self>, held: &Arc<Held>) {
        let mut renewals = self.renewals.0.lock().unwrap_or_else(PoisonError::into_inner);
        renewals.held.insert(held.id, (Arc::clone(held), 0));
        if std::mem::replace(&mut renewals.running, true) {
            return;
        }
        drop(renewals);
        let engine = Arc::clone(self);
        self.store.spawn(async move {
            loop {
                engine.store.sleep(engine.policy.lease / 6).await;
                let Some(due) = engine.renewals.due() else { return };
                for held in due {
                    let renewing = Arc::clone(&engine);
                    engine.store.spawn(async move { renewing.renew_one(&held).await });
                }
            }
        });
    }

    async fn renew_one(&self, held: &Held) {
        // Anyone who holds them is at the store right now, and may be for long if the store is away.
        let Ok(scopes) = held.scopes.try_lock() else { return };
        if scopes.is_empty() {
            return;
        }
        match self.store.change(Op::Begin, held.id, &scopes).await {
            Ok(()) => self.renewals.renewed(held.id),
            Err(fault) => tracing::warn!(%fault, "a lease was not renewed, and is tried again"),
        }
    }
}

impl Renewals {
    /// Those that were last renewed two rounds ago or more, which is a third of a lease; `None` where no
    /// mutation holds marks any more, and so the task ends.
    fn due(&self) -> Option<Vec<Arc<Held>>> {
        let mut renewals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if renewals.held.is_empty() {
            renewals.running = false;
            return None;
        }
        let mut due = Vec::new();
        for (held, rounds) in renewals.held.values_mut() {
            *rounds = rounds.saturating_add(1);
            if *rounds >= 2 {
                due.push(Arc::clone(held));
            }
        }
        Some(due)
    }

    fn renewed(&self, id: MarkId) {
        let mut renewals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, rounds)) = renewals.held.get_mut(&id) {
            *rounds = 0;
        }
    }

    fn forget(&self, id: MarkId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).held.remove(&id);
    }
}

impl<S: Store, E: Send + Sync + 'static> Marks<S, E> {
    fn began(&self, marked: Result<bool, Fault>) -> Result<(), Fault> {
        let counters = &self.engine.counters;
        let fault = match marked {
            Ok(true) => {
                counters.marks.add();
                return Ok(());
            }
            Ok(false) => return Ok(()),
            Err(fault) => fault,
        };
        match self.engine.policy.if_mark_fails {
            IfMarkFails::Refuse => {
                counters.refused.add();
                self.refused.store(true, Ordering::SeqCst);
                tracing::error!(%fault, "a mutation is refused, since the cache cannot be told of it");
                Err(fault)
            }
            IfMarkFails::Proceed => {
                counters.unmarked.add();
                tracing::error!(%fault, "a mutation runs without marks: other processes may serve stale data");
                Ok(())
            }
        }
    }

    /// Marks more, before the mutation changes it.
    ///
    /// # Errors
    /// Where the store cannot be notified and the policy refuses such mutations. The end still covers
    /// what was added.
    pub async fn add(&self, more: Vec<Scope>) -> Result<(), Fault> {
        let mut held = self.held.scopes.lock().await;
        let marked = self.engine.mark(self.held.id, &more).await;
        // Whether the store was notified or not, the end applies to them.
        held.extend(more);
        self.began(marked)
    }

    /// Replaces what is marked by something narrower, before the mutation changes anything. What is
    /// no longer marked keeps its generation.
    ///
    /// # Errors
    /// Where the store cannot be notified and the policy refuses such mutations. What was marked before
    /// stays marked then.
    pub async fn narrow(&self, scopes: Vec<Scope>) -> Result<(), Fault> {
        // Held over all of it, so that nothing comes in between.
        let mut held = self.held.scopes.lock().await;
        let marked = self.engine.mark(self.held.id, &scopes).await;
        let wide = std::mem::take(&mut *held);
        // A mark is held once: what shares a token with something that stays is not taken back.
        let stays = |scope: &Scope| scopes.iter().any(|kept| kept.shares_with(scope));
        let (mut kept, gone): (Vec<Scope>, Vec<Scope>) = wide.into_iter().partition(stays);
        kept.extend(scopes.iter().cloned());
        *held = kept;
        if marked.is_err() || gone.is_empty() || !self.engine.marks() {
            if marked.is_err() {
                held.extend(gone);
            }
            return self.began(marked);
        }
        if let Err(fault) = self.engine.store.change(Op::Cancel, self.held.id, &gone).await {
            tracing::warn!(%fault, "a mutation could not be narrowed, so it makes more entries stale");
            held.extend(gone);
        }
        self.began(marked)
    }

    /// Takes the marks back. Everything they cover is stale from here on.
    pub async fn end(&self) -> Ended {
        self.ended.store(true, Ordering::SeqCst);
        let engine = &self.engine;
        engine.renewals.forget(self.held.id);
        if !engine.policy.await_end {
            engine.end_later(Arc::clone(&self.held), engine.policy.lease, false);
            return Ended::Clean;
        }
        let mut held = self.held.scopes.lock().await;
        let ended = if held.is_empty() {
            Ended::Clean
        } else {
            engine.end(self.held.id, &held, engine.hold(), false).await
        };
        if ended == Ended::Clean {
            held.clear();
            return ended;
        }
        drop(held);
        engine.counters.degraded.add();
        engine.end_later(Arc::clone(&self.held), engine.policy.lease, false);
        ended
    }
}

impl<S: Store, E: Send + Sync + 'static> Engine<S, E> {
    /// How long a response waits for its end. Under marks nothing stale is served by strict reads, so
    /// those need not wait for longer than a caller does; relaxed ones serve it until the lease is over.
    fn hold(&self) -> Duration {
        match (self.policy.if_unmark_fails, self.policy.consistency) {
            (IfUnmarkFails::Answer, _) => Duration::ZERO,
            (IfUnmarkFails::Hold, Consistency::AfterResponse) => self.policy.lease,
            (IfUnmarkFails::Hold, _) => self.policy.lease.min(LONGEST_HOLD),
        }
    }
}

impl<S: Store, E: Send + Sync + 'static> Drop for Marks<S, E> {
    fn drop(&mut self) {
        // A refusal, or a fault of the framework: one try, and else the lease runs out.
        if !self.ended.load(Ordering::SeqCst) {
            self.engine.renewals.forget(self.held.id);
            let is_said = self.refused.load(Ordering::SeqCst);
            self.engine.end_later(Arc::clone(&self.held), Duration::ZERO, is_said);
        }
    }
}

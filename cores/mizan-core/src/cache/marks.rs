//! The protocol of mutations: mark before the change, take back after it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::engine::Engine;
use super::millis;
use super::policy::{OnBeginFailure, OnEndFailure};
use super::shell::{Fault, Scope, Shell};
use super::token::{MarkId, Op};
use crate::error::{Error, Result};

/// How long to wait before an end is tried again, at first and at most.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(1);

/// The marks of one mutation. They are taken back by [`Marks::end`], or when this is dropped.
pub struct Marks<S: Shell> {
    engine: Arc<Engine<S>>,
    held: Arc<Held>,
    ended: AtomicBool,
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
    /// Everything that the mutation made old is gone from the cache.
    Clean,
    /// The store could not be told; the marks that it has block until their lease is over.
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

impl<S: Shell> Engine<S> {
    /// Marks what a mutation is about to change. Fails where the store cannot be told and the policy
    /// refuses such mutations; nothing has happened then.
    pub async fn begin(self: &Arc<Self>, scopes: Vec<Scope>) -> Result<Marks<S>> {
        let id = self.shell.mark_id();
        let marked = self.mark(id, &scopes).await;
        let held = Arc::new(Held { id, scopes: tokio::sync::Mutex::new(scopes) });
        let marks = Marks { engine: Arc::clone(self), held, ended: AtomicBool::new(false) };
        marks.began(marked)?;
        if S::SHARED && self.marks() {
            self.renew(&marks.held);
        }
        Ok(marks)
    }

    /// Marks; false where there is nothing to be marked.
    async fn mark(&self, id: MarkId, scopes: &[Scope]) -> Result<bool, Fault> {
        match self.marks() && !scopes.is_empty() {
            true => self.shell.change(Op::Begin, id, scopes).await.map(|()| true),
            false => Ok(false),
        }
    }

    /// Makes everything old that some scopes cover, at once.
    pub async fn invalidate(&self, scopes: &[Scope]) -> Result<(), Fault> {
        self.shell.change(Op::End, self.shell.mark_id(), scopes).await
    }

    /// Ends marks; tries again until the lease is over, where it is `patient`.
    async fn end(&self, id: MarkId, scopes: &[Scope], patient: bool) -> Ended {
        let (since, mut pause) = (self.shell.now(), FIRST_RETRY);
        let waited = || self.shell.now().saturating_sub(since);
        loop {
            match self.shell.change(Op::End, id, scopes).await {
                Ok(()) => return Ended::Clean,
                Err(fault) if !patient || waited() >= millis(self.policy.lease) => {
                    tracing::error!(%fault, "the cache was not told what a mutation made old");
                    return Ended::Degraded;
                }
                Err(fault) => tracing::warn!(%fault, "an end is tried again"),
            }
            self.shell.sleep(pause).await;
            pause = (pause * 2).min(LAST_RETRY);
        }
    }

    /// The same, while nobody waits.
    fn end_later(self: &Arc<Self>, held: Arc<Held>, patient: bool) {
        let engine = Arc::clone(self);
        self.shell.spawn(async move {
            let scopes = std::mem::take(&mut *held.scopes.lock().await);
            if !scopes.is_empty() {
                engine.end(held.id, &scopes, patient).await;
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
        self.shell.spawn(async move {
            loop {
                engine.shell.sleep(engine.policy.lease / 6).await;
                let Some(due) = engine.renewals.due() else { return };
                for held in due {
                    engine.renew_one(&held).await;
                }
            }
        });
    }

    async fn renew_one(&self, held: &Held) {
        // Whoever holds them is at the store right now, and may be so for long where that is away.
        let Ok(scopes) = held.scopes.try_lock() else { return };
        if scopes.is_empty() {
            return;
        }
        if let Err(fault) = self.shell.change(Op::Begin, held.id, &scopes).await {
            tracing::warn!(%fault, "a lease was not renewed");
        }
    }
}

impl Renewals {
    /// Those that were last renewed two rounds ago, which is a third of a lease; `None` where no
    /// mutation holds marks any more, and so the task ends.
    fn due(&self) -> Option<Vec<Arc<Held>>> {
        let mut renewals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if renewals.held.is_empty() {
            renewals.running = false;
            return None;
        }
        let mut due = Vec::new();
        for (held, rounds) in renewals.held.values_mut() {
            *rounds += 1;
            if *rounds >= 2 {
                *rounds = 0;
                due.push(Arc::clone(held));
            }
        }
        Some(due)
    }

    fn forget(&self, id: MarkId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).held.remove(&id);
    }
}

impl<S: Shell> Marks<S> {
    fn began(&self, marked: Result<bool, Fault>) -> Result<()> {
        let counters = &self.engine.counters;
        let fault = match marked {
            Ok(true) => {
                counters.marks.add();
                return Ok(());
            }
            Ok(false) => return Ok(()),
            Err(fault) => fault,
        };
        match self.engine.policy.on_begin_failure {
            OnBeginFailure::Refuse => {
                counters.refused.add();
                tracing::error!(%fault, "a mutation is refused, since the cache cannot be told of it");
                Err(Error::unavailable("this cannot be changed right now"))
            }
            OnBeginFailure::Proceed => {
                counters.unmarked.add();
                tracing::error!(%fault, "a mutation runs without marks: others may see old data");
                Ok(())
            }
        }
    }

    /// Marks more, before the mutation changes it.
    pub async fn add(&self, more: Vec<Scope>) -> Result<()> {
        let mut held = self.held.scopes.lock().await;
        let marked = self.engine.mark(self.held.id, &more).await;
        // Whether the store was told or not, the end goes for them.
        held.extend(more);
        self.began(marked)
    }

    /// Replaces what is marked by something narrower, before the mutation changes anything. What is
    /// no longer marked keeps its generation.
    pub async fn narrow(&self, scopes: Vec<Scope>) -> Result<()> {
        let wide = self.held.scopes.lock().await.clone();
        self.add(scopes.clone()).await?;
        let mut held = self.held.scopes.lock().await;
        // A mark is held once: what shares a token with something that stays is not taken back.
        let stays = |scope: &Scope| scopes.iter().any(|kept| kept.shares_with(scope));
        let gone: Vec<Scope> = wide.into_iter().filter(|scope| !stays(scope)).collect();
        if self.engine.marks() && !gone.is_empty() {
            let told = self.engine.shell.change(Op::Cancel, self.held.id, &gone).await;
            if let Err(fault) = told {
                tracing::warn!(%fault, "a mutation could not be narrowed, so it makes more old");
                return Ok(());
            }
        }
        held.retain(|scope| !gone.contains(scope));
        Ok(())
    }

    /// Takes the marks back. Everything they cover is old from here on.
    pub async fn end(&self) -> Ended {
        self.ended.store(true, Ordering::SeqCst);
        let engine = &self.engine;
        engine.renewals.forget(self.held.id);
        if !engine.policy.await_end {
            engine.end_later(Arc::clone(&self.held), true);
            return Ended::Clean;
        }
        let patient = engine.policy.on_end_failure == OnEndFailure::Hold;
        let mut held = self.held.scopes.lock().await;
        let ended = match held.is_empty() {
            true => Ended::Clean,
            false => engine.end(self.held.id, &held, patient).await,
        };
        if ended == Ended::Clean || patient {
            held.clear();
        }
        drop(held);
        if ended == Ended::Degraded {
            engine.counters.degraded.add();
            if !patient {
                engine.end_later(Arc::clone(&self.held), true);
            }
        }
        ended
    }
}

impl<S: Shell> Drop for Marks<S> {
    fn drop(&mut self) {
        // A refusal, or a fault of the framework: one try, and else the lease runs out.
        if !self.ended.load(Ordering::SeqCst) {
            self.engine.renewals.forget(self.held.id);
            self.engine.end_later(Arc::clone(&self.held), false);
        }
    }
}

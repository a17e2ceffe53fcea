//! The simulated store as the protocol sees it: each operation takes several steps, and between two
//! of them anything may happen.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use mizan_cache::{
    Fault, Incarnation, Lookup, MarkId, Name, Op, Scope, Snapshot, State, Store, Stored, Token,
};

use crate::case::Defect;
use crate::places::{TOKENS, slot};
use crate::world::{NOBODY, Shared, World};

/// One process's way to the store.
#[derive(Clone)]
pub(crate) struct SimStore {
    world: Shared,
    process: usize,
    life: u32,
}

/// Where an operation is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    Nowhere,
    /// On its way there.
    Before,
    /// On its way back.
    After,
    /// Nowhere, but it takes longer than any caller waits.
    Late,
}

/// Lets everyone else take steps.
pub(crate) fn step() -> Step {
    Step(false)
}

pub(crate) struct Step(bool);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

struct Sleep {
    world: Shared,
    until: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut world = self.world.lock();
        if world.now >= self.until {
            return Poll::Ready(());
        }
        let sleeper = (self.until, context.waker().clone());
        world.sleepers.push(sleeper);
        Poll::Pending
    }
}

fn fault(what: &str) -> Fault {
    Fault(what.to_owned())
}

impl SimStore {
    pub(crate) fn new(world: &Shared, process: usize) -> Self {
        let life = world.lock().processes[process].life;
        Self { world: world.clone(), process, life }
    }

    /// Draws what becomes of an operation.
    fn loss(&self) -> Loss {
        let mut world = self.world.lock();
        let world = &mut *world;
        if world.now < world.processes[self.process].cut {
            return Loss::Before;
        }
        if world.budget.losses == 0 || !world.random.one_in(8) {
            return Loss::Nowhere;
        }
        world.budget.losses -= 1;
        world.observer.counts.losses += 1;
        [Loss::Before, Loss::After, Loss::Late][world.random.below(3)]
    }

    /// Reads the parts of a snapshot, at one instant or each at its own; `None` where the connection broke.
    async fn parts(&self, lookup: &Lookup) -> Option<Snapshot> {
        let parts = lookup.tokens.len() + 1;
        let (split, mut at, run, incarnation) = {
            let mut world = self.world.lock();
            let (split, at) = (world.random.one_in(2), world.random.below(parts));
            (split, at, world.run, world.incarnation())
        };
        let mut snapshot =
            Snapshot { incarnation, value: None, tokens: vec![None; lookup.tokens.len()] };
        for part in 0..parts {
            if split && part > 0 {
                step().await;
            }
            let mut world = self.world.lock();
            if world.run != run {
                return None;
            }
            match at {
                0 => {
                    snapshot.value = world.keys.values[slot(&lookup.value)].clone().map(Into::into)
                }
                _ => {
                    let slot = slot(&lookup.tokens[at - 1]);
                    snapshot.tokens[at - 1] = world.token(slot);
                    self.remember(&mut world, slot);
                }
            }
            at = (at + 1) % parts;
        }
        Some(snapshot)
    }

    /// For a client that keeps what it saw.
    fn remember(&self, world: &mut World, slot: usize) {
        if world.case.defect == Defect::CachedCreate {
            let token = world.keys.tokens[slot].clone();
            if token.as_ref().is_some_and(|token| matches!(token.state, State::Open(_))) {
                world.cached[self.process][slot] = token;
            }
        }
    }

    /// The scripts of one operation, one after the other; false where the connection broke.
    async fn scripts(&self, op: Op, id: MarkId, scopes: &[Scope]) -> bool {
        let run = self.world.lock().run;
        for (at, scope) in scopes.iter().enumerate() {
            if at > 0 {
                step().await;
            }
            let mut world = self.world.lock();
            if world.run != run {
                return false;
            }
            let skipped = world.case.defect == Defect::FirstScopeOnly && op == Op::Begin && at > 0;
            if !skipped {
                world.script(op, id, scope);
            }
        }
        true
    }
}

impl Store for SimStore {
    const SHARED: bool = true;

    async fn look_up(&self, lookup: &Lookup) -> Result<Snapshot, Fault> {
        step().await;
        let loss = self.loss();
        if loss == Loss::Before {
            return Err(fault("lost on its way"));
        }
        // A connection that turns out to be broken is replaced once.
        for _ in 0..2 {
            if let Some(snapshot) = self.parts(lookup).await {
                step().await;
                return if loss == Loss::Nowhere {
                    Ok(snapshot)
                } else {
                    Err(fault("no response"))
                };
            }
        }
        Err(fault("the connection broke twice"))
    }

    async fn create(
        &self,
        lookup: &Lookup,
        missing: &[usize],
        incarnation: Incarnation,
    ) -> Result<Vec<Option<Token>>, Fault> {
        step().await;
        let loss = self.loss();
        if loss == Loss::Before {
            return Err(fault("lost on its way"));
        }
        let joined = self.now();
        let mut created = Vec::with_capacity(missing.len());
        for at in missing {
            let slot = slot(&lookup.tokens[*at]);
            let between = {
                let mut world = self.world.lock();
                if world.keys.tokens[slot].is_none() {
                    let builds = if *at == 0 { vec![(lookup.build, joined)] } else { Vec::new() };
                    let state = State::Open(world.first_generation());
                    world.keys.tokens[slot] = Some(Token { state, builds });
                }
                world.random.one_in(2)
            };
            // SET NX, then GET.
            if between {
                step().await;
            }
            let mut world = self.world.lock();
            let token = match &world.cached[self.process][slot] {
                Some(cached) => Some(cached.clone()),
                None => world.keys.tokens[slot].clone(),
            };
            world.note(|| format!("token {slot} is created, or was: {token:?}"));
            created.push(token);
        }
        if self.world.lock().incarnation() != incarnation {
            return Err(fault("the store has been restarted"));
        }
        step().await;
        if loss == Loss::Nowhere { Ok(created) } else { Err(fault("no response")) }
    }

    async fn put(&self, lookup: &Lookup, value: Stored, _: Duration) -> Result<(), Fault> {
        step().await;
        let loss = self.loss();
        if loss == Loss::Before {
            return Err(fault("lost on its way"));
        }
        {
            let mut world = self.world.lock();
            world.note(|| format!("stored at {}: {value:?}", slot(&lookup.value)));
            world.keys.values[slot(&lookup.value)] = Some(value);
        }
        step().await;
        if loss == Loss::Nowhere { Ok(()) } else { Err(fault("no response")) }
    }

    async fn change(&self, op: Op, id: MarkId, scopes: &[Scope]) -> Result<(), Fault> {
        step().await;
        let loss = self.loss();
        if loss != Loss::Nowhere {
            self.world.lock().observer.stray = true;
            self.world.note(|| format!("{op:?} {id} is lost: {loss:?}"));
        }
        match loss {
            Loss::Before => return Err(fault("lost on its way")),
            Loss::Late => {
                let (shell, scopes) = (self.clone(), scopes.to_vec());
                let late = async move {
                    step().await;
                    shell.scripts(op, id, &scopes).await;
                };
                self.world.lock().spawned.push((NOBODY, Box::pin(late)));
                return Err(fault("no response in time"));
            }
            _ => {}
        }
        let mut done = false;
        // A connection that turns out to be broken is replaced once, and everything done again.
        for _ in 0..2 {
            let run = self.world.lock().run;
            done = self.scripts(op, id, scopes).await;
            step().await;
            let mut world = self.world.lock();
            // The response was on its way already, or it was not.
            if done && (world.run == run || world.random.one_in(2)) {
                break;
            }
            done = false;
        }
        match loss {
            Loss::Nowhere if done => Ok(()),
            _ => Err(fault("no response")),
        }
    }

    async fn unlink(&self, _: &str, values: &[Name]) -> Result<(), Fault> {
        step().await;
        let mut world = self.world.lock();
        for digest in values {
            world.keys.values[slot(digest)] = None;
        }
        Ok(())
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        let until = self.world.lock().now + time.as_millis() as u64;
        Sleep { world: self.world.clone(), until }
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut world = self.world.lock();
        // What a killed process drops has no effect any more.
        if world.processes[self.process].life == self.life {
            let work = Box::pin(work);
            world.spawned.push((self.process, work));
        } else {
            drop(world);
            drop(work);
        }
    }

    fn now(&self) -> u64 {
        let world = self.world.lock();
        world.now + world.processes[self.process].ahead
    }

    fn mark_id(&self) -> MarkId {
        let mut world = self.world.lock();
        let id = world.number();
        world.observer.number(id);
        id
    }
}

const _: () = assert!(TOKENS < 256, "a slot is one byte of a digest");

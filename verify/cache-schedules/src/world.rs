//! The world of one schedule: a store, a clock, a database, and an observer who sees everything.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use mizan_cache::{Change, Generation, MarkId, Op, Scope, State, Stored, Token};

use crate::case::{Case, Defect, Faults};
use crate::observer::Observer;
use crate::places::{ENTRIES, TOKENS, VALUES, slot};
use mizan_faults::random::Random;

/// How long a lease lasts, in milliseconds.
pub(crate) const LEASE: u64 = 30_000;
/// Processes are numbered below this.
pub(crate) const PROCESSES: usize = 3;
/// An actor that belongs to no process: what is on its way to the store or to the database.
pub(crate) const NOBODY: usize = usize::MAX;

/// Work that was left to the executor.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the store keeps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    pub(crate) values: [Option<Stored>; VALUES],
    pub(crate) tokens: [Option<Token>; TOKENS],
}

/// A process as the world sees it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Process {
    /// Counts its starts; what belongs to an earlier one is dead.
    pub(crate) life: u32,
    /// By how much its clock is ahead.
    pub(crate) ahead: u64,
    /// Until when it does not reach the store.
    pub(crate) cut: u64,
}

/// Everything that a schedule changes.
pub(crate) struct World {
    pub(crate) case: Case,
    pub(crate) random: Random,
    /// What is left of each kind of fault.
    pub(crate) budget: Faults,
    /// The clock of the store.
    pub(crate) now: u64,
    /// Which run of the store this is.
    pub(crate) run: u64,
    pub(crate) keys: Keys,
    pub(crate) snapshot: Option<Box<Keys>>,
    /// The tokens of a replica, for the defect of that name.
    replica: [Option<Token>; TOKENS],
    /// What each process last saw of each token, for the defect of that name.
    pub(crate) cached: [[Option<Token>; TOKENS]; PROCESSES],
    /// The version of each entry.
    pub(crate) database: [u64; ENTRIES],
    pub(crate) processes: [Process; PROCESSES],
    /// Whether two builds run.
    pub(crate) builds_differ: bool,
    pub(crate) observer: Observer,
    pub(crate) sleepers: Vec<(u64, Waker)>,
    pub(crate) spawned: Vec<(usize, Work)>,
    pub(crate) trace: Option<Vec<String>>,
    numbers: u64,
}

/// The world, as every actor holds it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<(Mutex<World>, AtomicUsize)>);

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new((Mutex::new(world), AtomicUsize::new(0))))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose task takes a step, for the trace.
    pub(crate) fn steps(&self, task: usize) {
        self.0.1.store(task, Ordering::Relaxed);
    }

    /// Writes a line of the trace, if one is kept.
    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        let task = self.0.1.load(Ordering::Relaxed);
        self.lock().note(|| format!("task {task}: {}", line()));
    }
}

impl World {
    pub(crate) fn new(case: Case, mut random: Random, traced: bool) -> Self {
        let mut draw = |most: u8| random.below(usize::from(most) + 1) as u8;
        let most = case.faults;
        let budget = Faults {
            kills: draw(most.kills),
            evictions: draw(most.evictions),
            lost_marks: draw(most.lost_marks),
            restarts: draw(most.restarts),
            overruns: draw(most.overruns),
            losses: draw(most.losses),
            cuts: draw(most.cuts),
            leavers: draw(most.leavers),
            failures: draw(most.failures),
        };
        Self {
            case,
            random,
            budget,
            now: 1_000_000,
            run: 1,
            keys: Keys::default(),
            snapshot: None,
            replica: Default::default(),
            cached: Default::default(),
            database: [0; ENTRIES],
            processes: Default::default(),
            builds_differ: false,
            observer: Observer::default(),
            sleepers: Vec::new(),
            spawned: Vec::new(),
            trace: traced.then(Vec::new),
            numbers: 0,
        }
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let now = self.now;
            trace.push(format!("{now:>9} {}", line()));
        }
    }

    /// A number that was never used.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// The run of the store that a connection says it leads to.
    pub(crate) fn incarnation(&self) -> u64 {
        if self.case.defect == Defect::SameRun { 1 } else { self.run }
    }

    /// The token, as a read sees it.
    pub(crate) fn token(&self, slot: usize) -> Option<Token> {
        let lags = self.case.defect == Defect::Replica;
        if lags { self.replica[slot].clone() } else { self.keys.tokens[slot].clone() }
    }

    /// A generation for a token that has none.
    pub(crate) fn first_generation(&mut self) -> Generation {
        match self.case.defect {
            Defect::CountedGenerations => 1,
            _ => Generation::from(self.number()),
        }
    }

    /// Lets the replica catch up, now and then.
    pub(crate) fn replicate(&mut self) {
        if self.case.defect == Defect::Replica && self.random.one_in(16) {
            self.replica = self.keys.tokens.clone();
        }
    }

    /// One run of the script: an operation on the tokens of one context, at one instant.
    pub(crate) fn script(&mut self, op: Op, id: MarkId, scope: &Scope) {
        let defect = self.case.defect;
        let renews = op == Op::Begin && self.observer.has_begun(id);
        if op == Op::Begin {
            self.observer.begun(id);
        }
        match defect {
            Defect::IgnoredBegin if op == Op::Begin => return,
            Defect::IgnoredEnd if op == Op::End => return,
            Defect::NoRenewal if renews => return,
            _ => {}
        }
        let fresh = Generation::from(self.number());
        let change = Change { op, id, fresh, build: scope.build, lease: LEASE, settle: 0 };
        let broad = slot(&scope.broad);
        let first = self.keys.tokens[broad].as_ref();
        if scope.narrow.is_empty() || change.goes_for_broad(first) {
            self.apply(change, broad, true);
        }
        for digest in &scope.narrow {
            self.apply(change, slot(digest), false);
        }
        let keys = &self.keys;
        if self.trace.is_some() {
            let line = format!("{op:?} {id} {scope:?} gives {:?}", keys.tokens);
            self.note(|| line);
        }
    }

    fn apply(&mut self, mut change: Change, slot: usize, broad: bool) {
        let token = self.keys.tokens[slot].as_ref();
        let last = match token.map(|token| &token.state) {
            None => None,
            Some(State::Open(last)) => Some(*last),
            Some(State::Marked { last, .. }) => *last,
        };
        match (self.case.defect, last) {
            (Defect::EndKeepsGeneration, Some(last)) if change.op == Op::End => change.fresh = last,
            (Defect::CountedGenerations, last) => change.fresh = last.map_or(1, |last| last + 1),
            _ => {}
        }
        let early = self.case.defect == Defect::EarlyResolve && change.op == Op::Resolve;
        let now = if early { u64::MAX / 2 } else { self.now };
        if let Some(next) = change.apply(token, broad, now) {
            self.keys.tokens[slot] = Some(next);
        }
    }

    /// The time before which the clock may not come to be at the end of a lease: a mutation that
    /// has not committed yet holds it, or one that was killed and whose commit is on its way.
    pub(crate) fn guard(&self) -> u64 {
        if self.case.defect == Defect::NoRenewal {
            return u64::MAX;
        }
        self.leases()
            .filter(|(id, _)| self.observer.will_commit(*id))
            .map(|(_, until)| until)
            .min()
            .unwrap_or(u64::MAX)
    }

    /// All leases that tokens hold.
    pub(crate) fn leases(&self) -> impl Iterator<Item = (MarkId, u64)> {
        let tokens = self.keys.tokens.iter().flatten();
        tokens
            .flat_map(|token| match &token.state {
                State::Open(_) => [].iter(),
                State::Marked { leases, .. } => leases.iter(),
            })
            .copied()
    }

    /// Moves the clock, and wakes the actors that have slept long enough.
    pub(crate) fn advance(&mut self, to: u64) {
        self.now = self.now.max(to);
        let now = self.now;
        if now >= self.guard() {
            let over: Vec<MarkId> =
                self.leases().filter(|(_, until)| *until <= now).map(|(id, _)| id).collect();
            for id in over {
                self.observer.lapsed(id);
            }
        }
        self.observer.time(now);
        self.sleepers.retain(|(until, waker)| {
            let over = *until <= now;
            if over {
                waker.wake_by_ref();
            }
            !over
        });
    }

    /// A commit: what it covers has a new version from this instant on.
    pub(crate) fn commit(&mut self, mutation: usize) {
        let covers = self.observer.covers(mutation);
        for entry in (0..ENTRIES).filter(|entry| covers >> entry & 1 == 1) {
            self.database[entry] += 1;
        }
        let database = self.database;
        self.observer.committed(mutation, database);
        self.note(|| format!("mutation {mutation} commits: {database:?}"));
    }
}

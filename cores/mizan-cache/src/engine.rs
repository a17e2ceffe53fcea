//! The protocol of reads: look, judge, and either answer or run the functions once.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;

use super::counters::Counters;
use super::flight::{Flights, Lead, Location, landing};
use super::keys::Digest;
use super::marks::Renewals;
use super::policy::CachePolicy;
use super::shell::{Fault, Lookup, Scope, Store};
use super::stamp::{Consistency, Reader, Snapshot, Stamp, Stored, Verdict};
use super::token::{Op, State, Token};
use crate::dispatch::Live;
use crate::error::Result;
use crate::http::CacheStatus;

/// Leases of one token that look over are resolved at most so often by one server.
const RESOLVE_PAUSE: u64 = 1_000;

/// An entry of a context, as a read asks for it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its value and cover.
    pub ask: Lookup,
    /// A digest of what its bundle is made of.
    pub layout: u64,
    /// How long it may be kept.
    pub ttl: Duration,
}

/// How a read was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// From the cache.
    Hit,
    /// By its functions, or by those of a read that ran at the same time.
    Miss,
    /// By its functions; nothing was stored.
    Bypass,
}

impl From<Outcome> for CacheStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Hit => Self::Hit,
            Outcome::Miss => Self::Miss,
            Outcome::Bypass => Self::Bypass,
        }
    }
}

/// The functions of a bundle, not yet started.
pub type Run<'a> = Pin<Box<dyn Future<Output = Result<Bytes>> + Send + 'a>>;

/// The protocol around one store.
pub struct Engine<S: Store> {
    pub(crate) shell: S,
    pub(crate) policy: CachePolicy,
    pub(crate) counters: Arc<Counters>,
    flights: Arc<Flights>,
    /// When each token was last resolved.
    resolved: Mutex<HashMap<Digest, u64>>,
    sampled: AtomicU32,
    /// The calls under way, for ends that nobody waits for.
    pub(super) live: OnceLock<Arc<Live>>,
    /// The mutations that hold marks, for the one task that renews their leases.
    pub(super) renewals: Renewals,
}

impl<S: Store> Engine<S> {
    /// Counts what goes on behind answers, so that a stop can wait for it.
    pub(crate) fn counted(self: Arc<Self>, live: &Arc<Live>) -> Arc<Self> {
        // An engine belongs to one registry, so there is nothing to be replaced.
        let _ = self.live.set(Arc::clone(live));
        self
    }

    /// An engine without anything in flight.
    pub fn new(shell: S, policy: CachePolicy, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self {
            shell,
            policy,
            counters,
            flights: Arc::default(),
            resolved: Mutex::default(),
            sampled: AtomicU32::new(0),
            live: OnceLock::new(),
            renewals: Renewals::default(),
        })
    }

    /// The answer of a hit, where that can be told at once: in the memory of this process. Saves the
    /// read what waiting would cost.
    pub(crate) fn glance(&self, entry: &Entry) -> Option<Bytes> {
        if S::SHARED || self.policy.audit.is_some() {
            return None;
        }
        let mut verdict = pin!(self.verdict(entry));
        match verdict.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(Verdict::Hit(body))) => Some(body),
            _ => None,
        }
    }

    /// Answers a read. Nothing is served that a mutation which ended before has made old, and
    /// nothing is stored that one which runs meanwhile may make old.
    pub async fn read(self: &Arc<Self>, entry: Entry, run: Run<'_>) -> (Result<Bytes>, Outcome) {
        let (body, outcome) = match self.verdict(&entry).await {
            Ok(Verdict::Hit(body)) if self.samples() => self.audit(&entry, body, run).await,
            Ok(Verdict::Hit(body)) => (Ok(body), Outcome::Hit),
            Ok(Verdict::Fill(stamp)) => self.fill(entry, stamp, run).await,
            Ok(Verdict::Bypass { over, join }) => {
                self.help(&entry.ask, &over, join);
                (run.await, Outcome::Bypass)
            }
            // Tokens that vanish as soon as they are made: a store without room.
            Ok(Verdict::Create(_)) => (run.await, Outcome::Bypass),
            Err(fault) => {
                tracing::debug!(%fault, "a read goes past the cache");
                (run.await, Outcome::Bypass)
            }
        };
        match outcome {
            Outcome::Hit => self.counters.hits.add(),
            Outcome::Miss => self.counters.misses.add(),
            Outcome::Bypass => self.counters.bypasses.add(),
        }
        (body, outcome)
    }

    /// Looks at the value and its tokens, and creates those that are absent. Everything here happens
    /// before the functions run.
    async fn verdict(&self, entry: &Entry) -> Result<Verdict, Fault> {
        let reader = Reader {
            layout: entry.layout,
            build: S::SHARED.then_some(entry.ask.build),
            consistency: self.policy.consistency,
            now: self.shell.now(),
        };
        let mut look = self.shell.look(&entry.ask).await?;
        match reader.judge(&look) {
            Verdict::Create(missing) => {
                self.create(&entry.ask, &mut look, missing).await?;
                Ok(reader.judge(&look))
            }
            verdict => Ok(verdict),
        }
    }

    /// Creates what a look has found to be absent.
    async fn create(
        &self,
        ask: &Lookup,
        look: &mut Snapshot,
        missing: Vec<usize>,
    ) -> Result<(), Fault> {
        let created = self.shell.create(ask, &missing, look.incarnation).await?;
        for (at, token) in missing.into_iter().zip(created) {
            look.tokens[at] = token;
        }
        Ok(())
    }

    /// Runs the functions, or waits for a read that runs them already under the same stamp.
    async fn fill(
        self: &Arc<Self>,
        entry: Entry,
        stamp: Stamp,
        run: Run<'_>,
    ) -> (Result<Bytes>, Outcome) {
        let lead = loop {
            match self.flights.join(entry.ask.value, &stamp) {
                // What was stored since this read looked can be told at once in memory.
                Location::Lead(lead) => match self.glance(&entry) {
                    Some(body) => return (Ok(body), Outcome::Hit),
                    None => break lead,
                },
                Location::Follow(flight) => match landing(flight).await {
                    Some(landed) => {
                        self.counters.joined.add();
                        return (landed.map_err(|error| error.shared()), Outcome::Miss);
                    }
                    // Whoever ran is gone; somebody who waited takes over.
                    None => continue,
                },
            }
        };
        match run.await {
            Ok(body) => {
                lead.land(Ok(body.clone()));
                self.store(entry, stamp, body.clone(), lead).await;
                (Ok(body), Outcome::Miss)
            }
            Err(error) => {
                let error = Arc::new(error);
                lead.land(Err(Arc::clone(&error)));
                drop(lead);
                let own = Arc::try_unwrap(error).unwrap_or_else(|shared| shared.shared());
                (Err(own), Outcome::Miss)
            }
        }
    }

    /// Stores a value; a shared store is not waited for.
    async fn store(self: &Arc<Self>, entry: Entry, stamp: Stamp, body: Bytes, lead: Lead) {
        if body.len() > self.policy.max_body {
            return;
        }
        let filled_at = self.shell.now();
        let value = Stored { stamp, layout: entry.layout, filled_at, body };
        let engine = Arc::clone(self);
        let put = async move {
            if let Err(fault) = engine.shell.put(&entry.ask, value, entry.ttl).await {
                tracing::debug!(%fault, "a value was not stored");
                return;
            }
            // A read that looked before the value was there may be about to join.
            if S::SHARED {
                engine.shell.sleep(engine.policy.read_timeout).await;
            }
            drop(lead);
        };
        match S::SHARED {
            true => self.shell.spawn(put),
            false => put.await,
        }
    }

    /// Does in the background what a read has seen to be needed.
    fn help(self: &Arc<Self>, ask: &Lookup, over: &[usize], join: bool) {
        if !S::SHARED || (over.is_empty() && !join) {
            return;
        }
        let now = self.shell.now();
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        resolved.retain(|_, at| *at + RESOLVE_PAUSE > now);
        // What was done a moment ago keeps its time, or an entry that is read often would never be due.
        let mut due = |digest: &Digest| {
            let first = !resolved.contains_key(digest);
            resolved.entry(*digest).or_insert(now);
            first
        };
        let (mut narrow, mut broad) = (Vec::new(), false);
        for at in over {
            let Some(digest) = ask.tokens.get(*at).filter(|digest| due(digest)) else { continue };
            match at {
                0 => broad = true,
                _ => narrow.push(*digest),
            }
        }
        let join = join && ask.tokens.first().is_some_and(due);
        drop(resolved);
        let Some(first) = ask.tokens.first() else { return };
        let scope = |narrow| Scope {
            context: Arc::clone(&ask.context),
            build: ask.build,
            broad: *first,
            narrow,
        };
        let mut work = Vec::new();
        if join {
            work.push((Op::Join, scope(Vec::new())));
        }
        if broad {
            work.push((Op::Resolve, scope(Vec::new())));
        }
        if !narrow.is_empty() {
            work.push((Op::Resolve, scope(narrow)));
        }
        if work.is_empty() {
            return;
        }
        let engine = Arc::clone(self);
        self.shell.spawn(async move {
            for (op, scope) in work {
                let id = engine.shell.mark_id();
                if let Err(fault) = engine.shell.change(op, id, &[scope]).await {
                    tracing::debug!(%fault, "a token was not resolved");
                }
            }
        });
    }

    /// Whether this hit is one to run again.
    fn samples(&self) -> bool {
        let count = || self.sampled.fetch_add(1, Ordering::Relaxed) + 1;
        self.policy.audit.is_some_and(|every| count().is_multiple_of(every))
    }

    /// Runs the functions of a hit again. Where nothing was declared to change meanwhile, both must
    /// be the same; where they are not, the new one is right.
    async fn audit(
        self: &Arc<Self>,
        entry: &Entry,
        body: Bytes,
        run: Run<'_>,
    ) -> (Result<Bytes>, Outcome) {
        self.counters.audited.add();
        let Ok(fresh) = run.await else {
            return (Ok(body), Outcome::Hit);
        };
        let unchanged =
            || async { matches!(self.verdict(entry).await, Ok(Verdict::Hit(now)) if now == body) };
        if fresh == body || !unchanged().await {
            return (Ok(fresh), Outcome::Hit);
        }
        self.counters.inconsistent.add();
        tracing::error!(
            context = &*entry.ask.context,
            "a cached bundle differs from what its functions give, and no declared mutation changed \
             it: something writes without saying so, or the functions read the time or chance"
        );
        // Whatever wrote, what is stored is old.
        let [broad, ..] = entry.ask.tokens[..] else { return (Ok(fresh), Outcome::Bypass) };
        let scope = Scope {
            context: Arc::clone(&entry.ask.context),
            build: entry.ask.build,
            broad,
            narrow: entry.ask.tokens.get(1..).unwrap_or_default().to_vec(),
        };
        if let Err(fault) = self.shell.change(Op::End, self.shell.mark_id(), &[scope]).await {
            tracing::warn!(%fault, "an inconsistent bundle was not dropped");
        }
        (Ok(fresh), Outcome::Bypass)
    }

    /// What an entry holds now, if that may be served.
    pub async fn get(&self, entry: &Entry) -> Result<Option<Bytes>, Fault> {
        match self.verdict(entry).await? {
            Verdict::Hit(body) => Ok(Some(body)),
            _ => Ok(None),
        }
    }

    /// Stores a value under the stamp of now. False where a mutation is under way.
    pub async fn put(&self, entry: &Entry, body: Bytes) -> Result<bool, Fault> {
        let stamp = match self.stamp(&entry.ask).await? {
            Some(stamp) if body.len() <= self.policy.max_body => stamp,
            _ => return Ok(false),
        };
        let value = Stored { stamp, layout: entry.layout, filled_at: self.shell.now(), body };
        self.shell.put(&entry.ask, value, entry.ttl).await?;
        Ok(true)
    }

    async fn stamp(&self, ask: &Lookup) -> Result<Option<Stamp>, Fault> {
        let mut look = self.shell.look(ask).await?;
        let absent = |(_, token): &(usize, &Option<Token>)| token.is_none();
        let missing: Vec<usize> =
            look.tokens.iter().enumerate().filter(absent).map(|(at, _)| at).collect();
        if !missing.is_empty() {
            self.create(ask, &mut look, missing).await?;
        }
        let generation = |token: Option<Token>| match token?.state {
            State::Open(generation) => Some(generation),
            State::Marked { .. } => None,
        };
        let incarnation = look.incarnation;
        let generations: Option<Box<[_]>> = look.tokens.into_iter().map(generation).collect();
        Ok(generations.map(|generations| Stamp { incarnation, generations }))
    }

    /// Whether marks are set before a mutation runs.
    pub(crate) fn marks(&self) -> bool {
        self.policy.consistency != Consistency::Ttl
    }
}

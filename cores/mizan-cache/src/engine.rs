//! The protocol of reads: look, judge, and either answer or run the functions once.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;

use crate::admission::Admission;
use crate::counters::Counters;
use crate::flight::{Flights, Lead, Place, landing};
use crate::keys::Name;
use crate::marks::Renewals;
use crate::policy::CachePolicy;
use crate::stamp::{Consistency, Reader, Snapshot, Stamp, Stored, Verdict};
use crate::store::{Fault, Lookup, Scope, Store};
use crate::token::Op;
use crate::untold::Untold;

/// Leases of one token that look over are resolved at most so often by one server.
const RESOLVE_PAUSE: u64 = 1_000;

/// An entry of a context, as a read asks for it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its value and cover.
    pub lookup: Lookup,
    /// A digest of what its bundle is made of.
    pub layout: u64,
    /// How long it may be kept.
    pub ttl: Duration,
    /// Whether no one is signed in who asks for it: such entries have a budget
    /// ([`CachePolicy::anonymous_entries`]).
    pub is_anonymous: bool,
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

/// What is known of an entry before its read.
#[derive(Debug)]
pub struct Glance {
    verdict: Verdict,
    /// What the verdict is about, if tokens are to be created.
    snapshot: Option<Snapshot>,
    /// How many flights had ended before.
    ended: u64,
}

/// The functions of a bundle, not yet started.
pub type Run<'a, E> = Pin<Box<dyn Future<Output = Result<Bytes, E>> + Send + 'a>>;

/// The protocol around one store.
pub struct Engine<S: Store, E: Send + Sync + 'static> {
    pub(crate) store: S,
    pub(crate) policy: CachePolicy,
    pub(crate) counters: Arc<Counters>,
    flights: Arc<Flights<E>>,
    /// When each token was last resolved.
    resolved: Mutex<HashMap<Name, u64>>,
    sampled: AtomicU32,
    /// What strangers have stored.
    admission: Admission,
    /// The mutations that hold marks, for the one task that renews their leases.
    pub(super) renewals: Renewals,
    /// Mutations of which the store has not been notified.
    pub(super) untold: Untold,
}

impl<S: Store, E: Send + Sync + 'static> Engine<S, E> {
    /// An engine without anything in flight.
    pub fn new(store: S, policy: CachePolicy, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self {
            store,
            policy,
            counters,
            flights: Arc::default(),
            resolved: Mutex::default(),
            sampled: AtomicU32::new(0),
            admission: Admission::default(),
            renewals: Renewals::default(),
            untold: Untold::default(),
        })
    }

    /// What is known of an entry at once, in the memory of this process: `Err` is a hit, to be
    /// answered with. Hand anything else to [`Engine::read`], which then need not look up again.
    ///
    /// # Errors
    /// The body of a hit, so that `?` can end a read there.
    pub fn glance(&self, entry: &Entry) -> Result<Option<Glance>, Bytes> {
        if S::SHARED || self.policy.audit.is_some() {
            return Ok(None);
        }
        let ended = self.flights.ended();
        match self.verdict_now(entry) {
            Some(Verdict::Hit(body)) => {
                self.counters.hits.add();
                Err(body)
            }
            verdict => Ok(verdict.map(|verdict| Glance { verdict, snapshot: None, ended })),
        }
    }

    /// The same for several entries, asking a shared store once for all of them: a round trip. Each is then to be
    /// read at once, by [`Engine::read`], but for the hits.
    pub async fn glance_all(&self, entries: &[Entry]) -> Vec<Result<Option<Glance>, Bytes>> {
        if !S::SHARED || self.policy.audit.is_some() {
            return entries.iter().map(|entry| self.glance(entry)).collect();
        }
        let ended = self.flights.ended();
        let lookups: Vec<&Lookup> = entries.iter().map(|entry| &entry.lookup).collect();
        // A mutation that the store knows nothing of is looked for before, as each read does.
        let untold: Vec<bool> = lookups.iter().map(|lookup| self.untold.covers(lookup)).collect();
        let snapshots = match self.store.look_up_all(&lookups).await {
            Ok(snapshots) => snapshots.into_iter().map(Some).collect(),
            Err(fault) => {
                tracing::debug!(%fault, "reads go past the cache");
                vec![None; entries.len()]
            }
        };
        let judged =
            entries.iter().zip(snapshots).zip(untold).map(|((entry, snapshot), untold)| {
                let past = Verdict::Bypass { over: Vec::new(), join: false };
                let Some(snapshot) = snapshot.filter(|_| !untold) else {
                    return Ok(Some(Glance { verdict: past, snapshot: None, ended }));
                };
                match self.reader(entry).judge(&snapshot) {
                    Verdict::Hit(body) => {
                        self.counters.hits.add();
                        Err(body)
                    }
                    Verdict::Create(_) | Verdict::Fill(_) if !self.admits(entry) => {
                        Ok(Some(Glance { verdict: past, snapshot: None, ended }))
                    }
                    verdict => Ok(Some(Glance { verdict, snapshot: Some(snapshot), ended })),
                }
            });
        judged.collect()
    }

    /// The verdict of a store that never waits.
    fn verdict_now(&self, entry: &Entry) -> Option<Verdict> {
        let mut verdict = pin!(self.verdict(entry));
        match verdict.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(verdict)) => Some(verdict),
            _ => None,
        }
    }

    /// Answers a read. Nothing is served that a mutation which ended before has made stale, and
    /// nothing is stored that one which runs meanwhile may make stale.
    ///
    /// An error is shared, since every read that waited for the same run gets it.
    pub async fn read(
        self: &Arc<Self>,
        entry: Entry,
        glance: Option<Glance>,
        run: Run<'_, E>,
    ) -> (Result<Bytes, Arc<E>>, Outcome) {
        self.read_noting(entry, glance, run, &|| {}).await
    }

    /// The same. `following` is called before this read waits for another one that runs already: until that is given
    /// up, `run` is not started.
    pub async fn read_noting(
        self: &Arc<Self>,
        entry: Entry,
        glance: Option<Glance>,
        run: Run<'_, E>,
        following: &(dyn Fn() + Send + Sync),
    ) -> (Result<Bytes, Arc<E>>, Outcome) {
        let (verdict, ended) = match glance {
            Some(Glance { verdict: Verdict::Create(missing), snapshot: Some(mut seen), ended }) => {
                let created = self.create(&entry.lookup, &mut seen, missing).await;
                (created.map(|()| self.reader(&entry).judge(&seen)), ended)
            }
            Some(Glance { verdict, ended, .. }) => (Ok(verdict), ended),
            None => {
                let ended = self.flights.ended();
                (self.verdict(&entry).await, ended)
            }
        };
        let (body, outcome) = match verdict {
            Ok(Verdict::Hit(body)) if self.samples() => self.audit(&entry, body, run).await,
            Ok(Verdict::Hit(body)) => (Ok(body), Outcome::Hit),
            Ok(Verdict::Fill(stamp)) => self.fill(entry, stamp, ended, run, following).await,
            Ok(Verdict::Bypass { over, join }) => {
                self.help(&entry.lookup, &over, join);
                (run.await.map_err(Arc::new), Outcome::Bypass)
            }
            // Tokens that vanish as soon as they are made: a store without room.
            Ok(Verdict::Create(_)) => (run.await.map_err(Arc::new), Outcome::Bypass),
            Err(fault) => {
                tracing::debug!(%fault, "a read goes past the cache");
                (run.await.map_err(Arc::new), Outcome::Bypass)
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
    pub(crate) async fn verdict(&self, entry: &Entry) -> Result<Verdict, Fault> {
        if self.untold.covers(&entry.lookup) {
            return Ok(Verdict::Bypass { over: Vec::new(), join: false });
        }
        let reader = self.reader(entry);
        let mut snapshot = self.store.look_up(&entry.lookup).await?;
        match reader.judge(&snapshot) {
            Verdict::Create(_) | Verdict::Fill(_) if !self.admits(entry) => {
                Ok(Verdict::Bypass { over: Vec::new(), join: false })
            }
            Verdict::Create(missing) => {
                self.create(&entry.lookup, &mut snapshot, missing).await?;
                Ok(reader.judge(&snapshot))
            }
            verdict => Ok(verdict),
        }
    }

    /// What judges a lookup of an entry now.
    pub(crate) fn reader(&self, entry: &Entry) -> Reader {
        Reader {
            layout: entry.layout,
            build: S::SHARED.then_some(entry.lookup.build),
            consistency: self.policy.consistency,
            now: self.store.now(),
        }
    }

    /// Whether what a read found to be absent may be stored.
    fn admits(&self, entry: &Entry) -> bool {
        self.admission.admits(entry, self.policy.anonymous_entries, self.store.now())
    }

    /// Creates the tokens that a lookup did not find.
    pub(crate) async fn create(
        &self,
        lookup: &Lookup,
        snapshot: &mut Snapshot,
        missing: Vec<usize>,
    ) -> Result<(), Fault> {
        let created = self.store.create(lookup, &missing, snapshot.incarnation).await?;
        for (at, token) in missing.into_iter().zip(created) {
            snapshot.tokens[at] = token;
        }
        Ok(())
    }

    /// Runs the functions, or waits for a read that runs them already under the same stamp.
    async fn fill(
        self: &Arc<Self>,
        entry: Entry,
        stamp: Stamp,
        ended: u64,
        run: Run<'_, E>,
        following: &(dyn Fn() + Send + Sync),
    ) -> (Result<Bytes, Arc<E>>, Outcome) {
        let lead = loop {
            match self.flights.join(&entry.lookup.value, &stamp) {
                Place::Lead(lead) => {
                    // A flight that ended since this read looked has stored its value, and in memory
                    // that is known at once.
                    if !S::SHARED
                        && self.flights.ended() != ended
                        && let Some(Verdict::Hit(body)) = self.verdict_now(&entry)
                    {
                        return (Ok(body), Outcome::Hit);
                    }
                    break lead;
                }
                Place::Follow(flight) => {
                    following();
                    if let Some(landed) = landing(flight).await {
                        self.counters.joined.add();
                        return (landed, Outcome::Miss);
                    }
                    // The read that ran is gone; one that waited takes over.
                }
            }
        };
        match run.await {
            Ok(body) => {
                lead.land(Ok(body.clone()));
                self.keep(entry, stamp, body.clone(), lead).await;
                (Ok(body), Outcome::Miss)
            }
            Err(error) => {
                let error = Arc::new(error);
                lead.land(Err(Arc::clone(&error)));
                (Err(error), Outcome::Miss)
            }
        }
    }

    /// Stores a value; a shared store is not waited for.
    async fn keep(self: &Arc<Self>, entry: Entry, stamp: Stamp, body: Bytes, lead: Lead<E>) {
        if body.len() > self.policy.max_body {
            return;
        }
        let filled_at = self.store.now();
        let value = Stored { stamp, layout: entry.layout, filled_at, body };
        let engine = Arc::clone(self);
        let put = async move {
            if let Err(fault) = engine.store.put(&entry.lookup, value, entry.ttl).await {
                tracing::debug!(%fault, "a value was not stored");
                return;
            }
            // A read that looked before the value was there may be about to join.
            if S::SHARED {
                engine.store.sleep(engine.policy.read_timeout).await;
            }
            drop(lead);
        };
        if S::SHARED { self.store.spawn(put) } else { put.await }
    }

    /// Does in the background what a read has seen to be needed.
    pub(crate) fn help(self: &Arc<Self>, lookup: &Lookup, over: &[usize], join: bool) {
        if !S::SHARED || (over.is_empty() && !join) {
            return;
        }
        let now = self.store.now();
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        resolved.retain(|_, at| *at + RESOLVE_PAUSE > now);
        // What was done a moment ago keeps its time, or an entry that is read often would never be due.
        let mut due = |digest: &Name| {
            let first = !resolved.contains_key(digest);
            resolved.entry(digest.clone()).or_insert(now);
            first
        };
        let (mut narrow, mut broad) = (Vec::new(), false);
        for at in over {
            let Some(digest) = lookup.tokens.get(*at).filter(|digest| due(digest)) else {
                continue;
            };
            match at {
                0 => broad = true,
                _ => narrow.push(digest.clone()),
            }
        }
        let join = join && lookup.tokens.first().is_some_and(due);
        drop(resolved);
        let Some(first) = lookup.tokens.first() else { return };
        let scope = |narrow| Scope {
            context: Arc::clone(&lookup.context),
            build: lookup.build,
            broad: first.clone(),
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
        self.store.spawn(async move {
            for (op, scope) in work {
                let id = engine.store.mark_id();
                if let Err(fault) = engine.store.change(op, id, &[scope]).await {
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
        run: Run<'_, E>,
    ) -> (Result<Bytes, Arc<E>>, Outcome) {
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
            context = &*entry.lookup.context,
            "a cached bundle differs from what its functions give, and no declared mutation changed \
             it: something writes without saying so, or the functions read the time or chance"
        );
        // Whatever wrote, the stored value is stale.
        let [broad, narrow @ ..] = &entry.lookup.tokens[..] else {
            return (Ok(fresh), Outcome::Bypass);
        };
        let scope = Scope {
            context: Arc::clone(&entry.lookup.context),
            build: entry.lookup.build,
            broad: broad.clone(),
            narrow: narrow.to_vec(),
        };
        if let Err(fault) = self.store.change(Op::End, self.store.mark_id(), &[scope]).await {
            tracing::warn!(%fault, "an inconsistent bundle was not dropped");
        }
        (Ok(fresh), Outcome::Bypass)
    }

    /// Whether marks are set before a mutation runs.
    pub(crate) fn marks(&self) -> bool {
        self.policy.consistency != Consistency::Ttl
    }
}

//! The cache of one process: values in a bounded map, tokens next to them. Nothing leases anything.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use foldhash::quality::RandomState;
use mizan_cache::{
    CachePolicy, Change, Fault, Generation, Incarnation, Lookup, MarkId, Name, Op, Scope, Snapshot,
    State, Store, Stored, Token,
};

use crate::clock::{millis, millis_now};
use crate::task::{InFlight, Runtime};

/// The number of maps for tokens, each with its own lock.
const SHARDS: usize = 64;
/// More tokens in one map, and those that nothing marks are forgotten: their entries are read again.
const SHARD_TOKENS: usize = 2_048;
/// What an entry takes besides its bundle, in bytes.
const OVERHEAD: usize = 256;

/// A cache in the memory of one process.
///
/// It serves what this process declares to change. Where several processes change the same data, use
/// `RedisCache`.
#[derive(Debug, Clone)]
pub struct MemoryCache {
    max_bytes: u64,
    max_entries: u64,
}

impl Default for MemoryCache {
    /// A cache of at most 64 MiB and 100,000 entries.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_entries: 100_000 }
    }
}

impl MemoryCache {
    /// Bounds what all bundles take together, in bytes. The least used are dropped.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes.max(1);
        self
    }

    /// Bounds how many entries there are. The least used are dropped.
    pub fn max_entries(mut self, entries: u64) -> Self {
        self.max_entries = entries.max(1);
        self
    }
}

/// Under a random key of each process, so that no one can choose names that collide.
type Tokens = HashMap<Name, Token, RandomState>;

/// The store and the clock of the protocol.
pub(crate) struct MemoryStore {
    values: moka::sync::Cache<Name, (Arc<Stored>, Instant), RandomState>,
    shards: Box<[Mutex<Tokens>]>,
    /// Which shard holds a token.
    hasher: RandomState,
    /// The source of generations and of the ids of marks: never the same number twice.
    next: AtomicU64,
    start: Instant,
    settle: u64,
    runtime: Runtime,
    in_flight: Arc<InFlight>,
}

impl MemoryStore {
    pub(crate) fn new(
        cache: MemoryCache,
        policy: &CachePolicy,
        (runtime, in_flight): (Runtime, Arc<InFlight>),
    ) -> Self {
        // An entry weighs its share at least, so that one bound holds both.
        let share = u32::try_from(cache.max_bytes / cache.max_entries).unwrap_or(u32::MAX);
        let weigh = move |_: &Name, value: &(Arc<Stored>, Instant)| {
            u32::try_from(value.0.body.len() + OVERHEAD).unwrap_or(u32::MAX).max(share)
        };
        Self {
            values: moka::sync::Cache::builder()
                .max_capacity(cache.max_bytes)
                .weigher(weigh)
                .build_with_hasher(RandomState::default()),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::default(),
            next: AtomicU64::new(1),
            start: Instant::now(),
            settle: millis(policy.settle),
            runtime,
            in_flight,
        }
    }

    /// Milliseconds since the start, by a clock that never goes back.
    fn ticks(&self) -> u64 {
        millis(self.start.elapsed())
    }

    fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn with<T>(&self, token: &Name, work: impl FnOnce(&mut Tokens) -> T) -> T {
        let hash = self.hasher.hash_one(token) as usize;
        let shard = &self.shards[hash % SHARDS];
        work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_of(&self, op: Op, id: MarkId) -> Change {
        let fresh = Generation::from(self.next());
        // No process but this one has marks, and it never forgets to end them.
        Change { op, id, fresh, build: 0, lease: u64::MAX / 2, settle: self.settle }
    }

    fn token(&self, digest: &Name) -> Option<Token> {
        self.with(digest, |tokens| {
            let token = tokens.get(digest)?;
            let settled = |until: u64| until <= self.ticks();
            if let State::Marked { leases, .. } = &token.state
                && leases.iter().any(|(_, until)| settled(*until))
                && let Some(next) =
                    self.change_of(Op::Resolve, 0).apply(Some(token), false, self.ticks())
            {
                tokens.insert(digest.clone(), next.clone());
                return Some(next);
            }
            Some(token.clone())
        })
    }
}

impl Store for MemoryStore {
    const SHARED: bool = false;

    async fn look_up(&self, lookup: &Lookup) -> Result<Snapshot, Fault> {
        let tokens = lookup.tokens.iter().map(|digest| self.token(digest)).collect();
        let value = self.values.get(&lookup.value).filter(|(_, until)| *until > Instant::now());
        Ok(Snapshot { incarnation: 0, value: value.map(|(value, _)| value), tokens })
    }

    async fn create(
        &self,
        lookup: &Lookup,
        missing: &[usize],
        _: Incarnation,
    ) -> Result<Vec<Option<Token>>, Fault> {
        let create = |at: &usize| {
            let digest = lookup.tokens.get(*at)?;
            Some(self.with(digest, |tokens| {
                if tokens.len() >= SHARD_TOKENS {
                    tokens.retain(|_, token| matches!(token.state, State::Marked { .. }));
                }
                let fresh = || Token {
                    state: State::Open(Generation::from(self.next())),
                    builds: Vec::new(),
                };
                tokens.entry(digest.clone()).or_insert_with(fresh).clone()
            }))
        };
        Ok(missing.iter().map(create).collect())
    }

    async fn put(&self, lookup: &Lookup, value: Stored, ttl: Duration) -> Result<(), Fault> {
        // What is kept for long keeps no spare room.
        let body = bytes::Bytes::copy_from_slice(&value.body);
        self.values.insert(
            lookup.value.clone(),
            (Arc::new(Stored { body, ..value }), Instant::now() + ttl),
        );
        Ok(())
    }

    async fn change(&self, op: Op, id: MarkId, scopes: &[Scope]) -> Result<(), Fault> {
        for scope in scopes {
            let broad = scope.narrow.is_empty().then_some(&scope.broad);
            for digest in broad.into_iter().chain(&scope.narrow) {
                self.with(digest, |tokens| {
                    let change = self.change_of(op, id);
                    let next = change.apply(tokens.get(digest), false, self.ticks());
                    match next.map(|next| (matches!(next.state, State::Open(_)), next)) {
                        // Absent is as good as a generation that no one has seen, and takes no room.
                        Some((true, _)) if op == Op::End => drop(tokens.remove(digest)),
                        Some((_, next)) => drop(tokens.insert(digest.clone(), next)),
                        None => {}
                    }
                });
            }
        }
        Ok(())
    }

    async fn unlink(&self, _: &str, values: &[Name]) -> Result<(), Fault> {
        values.iter().for_each(|digest| self.values.invalidate(digest));
        Ok(())
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    fn spawn_counted(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.in_flight.spawn(&self.runtime, work);
    }

    fn now(&self) -> u64 {
        millis_now()
    }

    fn mark_id(&self) -> MarkId {
        self.next()
    }
}

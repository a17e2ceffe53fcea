//! The cache of many processes, in Redis.
//!
//! A read is one MGET. Marks go through a script, since they depend on what is there; its text is
//! `token.lua`. No SCAN and no KEYS anywhere.

mod breaker;
mod lookup;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use ::redis::{Client, Cmd, Pipeline, RedisError, ServerErrorKind, Value, cmd};
use mizan_cache::{
    BUILD_MEMORY, CachePolicy, Counters, Fault, Generation, Incarnation, Lookup, MarkId, Name, Op,
    Scope, Snapshot, State, Store, Stored, Token,
};
use tokio::time::timeout;

use self::breaker::Breaker;
use crate::clock::{millis, millis_now};
use crate::error::BuildError;
use crate::redis::{self, Connections, Failure, Live, Purpose};
use crate::secret::random;
use crate::task::{InFlight, Runtime};

const SCRIPT: &str = include_str!("token.lua");

/// A cache in Redis, shared by every process that is given the same server, prefix and secret.
#[derive(Clone)]
pub struct RedisCache {
    client: Client,
    prefix: String,
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("RedisCache").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RedisCache {
    /// A cache at this URL, for example `redis://localhost:6379/0`. Connects with the first request;
    /// a server that is not there costs reads nothing but the cache.
    ///
    /// # Errors
    /// Where the URL is invalid, or asks for TLS, which this build does not support. The text does not
    /// repeat the URL, which may hold a password.
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::named("what `RedisCache::new` was given", url)
    }

    /// The same, with a name for what holds the URL.
    pub(crate) fn named(name: &str, url: &str) -> Result<Self, BuildError> {
        Ok(Self { client: redis::client(name, url)?, prefix: "mizan:".into() })
    }

    /// Puts something else than `mizan:` before every key. Two applications on one server need two
    /// prefixes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

/// The store and the clock of the protocol.
#[derive(Clone)]
pub(crate) struct RedisStore(Arc<Inner>);

struct Inner {
    prefix: String,
    reads: Connections,
    scripts: Connections,
    breaker: Breaker,
    policy: CachePolicy,
    /// How long one operation of a mutation may take.
    write_timeout: Duration,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    ahead: AtomicI64,
    warned: AtomicBool,
    token_ttl: Duration,
    counters: Arc<Counters>,
    runtime: Runtime,
    in_flight: Arc<InFlight>,
}

impl RedisStore {
    /// `longest` is the longest time for which a value is kept.
    pub(crate) fn new(
        cache: RedisCache,
        policy: CachePolicy,
        longest: Duration,
        counters: Arc<Counters>,
        (runtime, in_flight): (Runtime, Arc<InFlight>),
    ) -> Self {
        // A lease must outlast the operation that begins it.
        let write_timeout = policy.write_timeout.min(policy.lease / 3);
        let connections = |client, time| Connections::new(Purpose::Cache, client, time, SCRIPT);
        // A connection gives up no sooner than what waits for it.
        let read_timeout = write_timeout.max(policy.read_timeout);
        Self(Arc::new(Inner {
            prefix: cache.prefix,
            reads: connections(cache.client.clone(), read_timeout),
            scripts: connections(cache.client, write_timeout),
            breaker: Breaker::new(policy.breaker_faults),
            token_ttl: longest * 2,
            write_timeout,
            ahead: AtomicI64::new(0),
            warned: AtomicBool::new(false),
            policy,
            counters,
            runtime,
            in_flight,
        }))
    }
}

impl RedisStore {
    /// Connects, so that warnings about the server are logged at the start.
    pub(crate) fn greet(&self) {
        let inner = Arc::clone(&self.0);
        self.0.runtime.spawn(async move {
            if let Ok(live) = inner.reads.get(inner.write_timeout, false).await {
                inner.learn(&live);
            }
        });
    }

    /// Whether the server answers now, whatever the breaker says. Counts as no fault of it.
    pub(crate) async fn check(&self) -> Result<(), Fault> {
        let (inner, time) = (&self.0, Duration::from_secs(1));
        let ask = |mut live: Live| async move {
            cmd("PING").query_async::<()>(&mut live.connection).await
        };
        let done = redis::run(&inner.reads, time, false, ask, |_| {}, || {}).await;
        done.map_err(Failure::into_fault)
    }
}

impl Inner {
    fn key(&self, context: &str, kind: &str, digest: &Name) -> String {
        let mut key = String::with_capacity(self.prefix.len() + 2 * context.len() + 75);
        // The braces are a hash tag: one context lies in one slot of a cluster.
        for part in [&*self.prefix, "{", context, "}:", kind, ":", context, ":"] {
            key.push_str(part);
        }
        key.push_str(&digest.hex());
        key
    }

    fn token_key(&self, context: &str, digest: &Name) -> String {
        self.key(context, "gen", digest)
    }

    /// Asks for something within a time.
    async fn ask<T, F: Future<Output = Result<T, RedisError>>>(
        self: &Arc<Self>,
        connections: &Connections,
        time: Duration,
        request: impl Fn(Live) -> F,
    ) -> Result<T, Fault> {
        // Of many reads none waits for a connection that others have waited for; a mutation does.
        let together = std::ptr::eq(connections, &self.reads);
        let ask = |live| {
            self.learn(&live);
            request(live)
        };
        let demoted = || {
            self.reads.forget_all();
            self.scripts.forget_all();
        };
        let away = |fault: &Fault| self.fault(fault);
        let done = redis::run(connections, time, together, ask, away, demoted).await;
        if done.is_ok() {
            self.breaker.well();
        }
        done.map_err(Failure::into_fault)
    }

    /// What a connection tells of its server.
    fn learn(&self, live: &Live) {
        self.ahead.store(live.ahead, Ordering::Relaxed);
        if !self.warned.swap(true, Ordering::Relaxed) {
            warn_of(&live.eviction, live.memory);
        }
    }

    /// A request of a read: within its time, and not at all while the breaker is open.
    async fn read<T, F: Future<Output = Result<T, RedisError>>>(
        self: &Arc<Self>,
        request: impl Fn(Live) -> F,
    ) -> Result<T, Fault> {
        if self.breaker.is_open() {
            return Err(Fault("the store is left alone for a while".into()));
        }
        self.ask(&self.reads, self.policy.read_timeout, request).await
    }

    fn fault(self: &Arc<Self>, fault: &Fault) {
        self.counters.faults.add();
        if !self.breaker.fault() {
            return;
        }
        self.counters.breaks.add();
        tracing::warn!(%fault, "reads go past the cache until it is back");
        let (inner, pause) = (Arc::downgrade(self), self.policy.breaker_pause);
        self.runtime.spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(inner) = inner.upgrade() else { return };
                if inner.is_back().await {
                    return;
                }
            }
        });
    }

    /// Asks on a connection of its own, so that reads pay nothing for it.
    async fn is_back(&self) -> bool {
        let asked = self.scripts.get(self.write_timeout, false).await;
        let Ok(mut live) = asked else { return false };
        let ping = cmd("PING");
        let ping = live.connection.send_packed_command(&ping);
        if !matches!(timeout(self.write_timeout, ping).await, Ok(Ok(_))) {
            self.scripts.forget(&live);
            return false;
        }
        self.breaker.close();
        tracing::info!("the cache is back");
        true
    }

    /// One operation on the tokens of one context.
    fn script(&self, script: &str, change: (Op, MarkId), scope: &Scope, eval: bool) -> Cmd {
        let (op, id) = change;
        let mut cmd = cmd(if eval { "EVAL" } else { "EVALSHA" });
        cmd.arg(script).arg(scope.narrow.len() + 1);
        for digest in std::iter::once(&scope.broad).chain(&scope.narrow) {
            cmd.arg(self.token_key(&scope.context, digest));
        }
        cmd.arg(match op {
            Op::Begin => "B",
            Op::End => "E",
            Op::Resolve => "R",
            Op::Cancel => "C",
            Op::Join => "J",
        });
        cmd.arg(format!("{id:016x}")).arg(format!("{:032x}", generation()));
        for time in [self.policy.lease, self.token_ttl, self.policy.settle] {
            cmd.arg(millis(time));
        }
        cmd.arg(format!("{:08x}", scope.build)).arg(BUILD_MEMORY);
        cmd.arg(u8::from(scope.narrow.is_empty()));
        cmd
    }

    /// The operation on every scope, in one pipeline, and then the wait for replicas.
    fn scripts(
        &self,
        script: &str,
        change: (Op, MarkId),
        scopes: &[Scope],
        eval: bool,
    ) -> Pipeline {
        let mut pipeline = Pipeline::with_capacity(scopes.len() + 1);
        for scope in scopes {
            pipeline.add_command(self.script(script, change, scope, eval));
        }
        if change.0 == Op::Begin && self.policy.replicas_ack > 0 {
            let wait = self.write_timeout / 2;
            pipeline.cmd("WAIT").arg(self.policy.replicas_ack).arg(millis(wait));
        }
        pipeline
    }

    async fn run_scripts(
        &self,
        mut live: Live,
        change: (Op, MarkId),
        scopes: &[Scope],
    ) -> Result<Vec<Value>, RedisError> {
        let mut eval = false;
        loop {
            let script = if eval { live.source } else { &live.script };
            let pipeline = self.scripts(script, change, scopes, eval);
            let count = pipeline.len();
            let answers = live.connection.send_packed_commands(&pipeline, 0, count).await?;
            let failed = answers.iter().find_map(|answer| match answer {
                Value::ServerError(error) => Some(error.clone()),
                _ => None,
            });
            match failed {
                None => return Ok(answers),
                // The scripts were flushed; all of this may be done twice.
                Some(error) if error.kind() == Some(ServerErrorKind::NoScript) && !eval => {
                    eval = true
                }
                Some(error) => return Err(error.into()),
            }
        }
    }
}

/// What is to be said of the memory of a server.
fn warn_of(eviction: &str, memory: u64) {
    if eviction.starts_with("allkeys") {
        tracing::warn!(
            "Redis evicts by `{eviction}`: it may drop the mark of a mutation that is under way; if that \
             mutation's process is killed too, stale data stays until it expires. Set `maxmemory-policy \
             volatile-lfu`"
        );
    } else if !eviction.starts_with("volatile") && !eviction.is_empty() {
        tracing::warn!(
            "Redis evicts by `{eviction}`: when its memory is full nothing is cached any more. Set \
             `maxmemory-policy volatile-lfu`"
        );
    }
    if memory == 0 {
        tracing::warn!(
            "Redis has no `maxmemory`: the cache grows until the machine has no memory left. Set it, for example \
             `maxmemory 512mb`"
        );
    }
}

fn generation() -> Generation {
    Generation::from_be_bytes(random())
}

fn token_of(value: &Value) -> Option<Token> {
    match value {
        Value::BulkString(bytes) => Token::from_text(std::str::from_utf8(bytes).ok()?),
        _ => None,
    }
}

impl Store for RedisStore {
    const SHARED: bool = true;

    async fn look_up(&self, lookup: &Lookup) -> Result<Snapshot, Fault> {
        self.0.look_up(lookup).await
    }

    async fn look_up_all(&self, lookups: &[&Lookup]) -> Result<Vec<Snapshot>, Fault> {
        self.0.look_up_all(lookups).await
    }

    async fn create(
        &self,
        lookup: &Lookup,
        missing: &[usize],
        incarnation: Incarnation,
    ) -> Result<Vec<Option<Token>>, Fault> {
        let mut pipeline = Pipeline::with_capacity(missing.len() * 2);
        for at in missing {
            let Some(digest) = lookup.tokens.get(*at) else { continue };
            // The first token is the broad one: it names the builds that read by it.
            let builds = if *at == 0 { vec![(lookup.build, self.now())] } else { Vec::new() };
            let fresh = Token { state: State::Open(generation()), builds };
            let key = self.0.token_key(&lookup.context, digest);
            let set = pipeline.cmd("SET").arg(&key).arg(fresh.to_text()).arg("NX").arg("PX");
            set.arg(millis(self.0.token_ttl));
            pipeline.cmd("GET").arg(&key);
        }
        let request = async |mut live: Live| {
            let count = pipeline.len();
            let answers = live.connection.send_packed_commands(&pipeline, 0, count).await?;
            Ok((answers, live.incarnation))
        };
        let (answers, now) = self.0.read(request).await?;
        if now != incarnation {
            return Err(Fault("the store has been restarted".into()));
        }
        Ok(answers.iter().skip(1).step_by(2).map(token_of).collect())
    }

    async fn put(&self, lookup: &Lookup, value: Stored, ttl: Duration) -> Result<(), Fault> {
        let inner = &self.0;
        if inner.breaker.is_open() {
            return Err(Fault("the store is left alone for a while".into()));
        }
        let mut cmd = cmd("SET");
        cmd.arg(inner.key(&lookup.context, "ctx", &lookup.value)).arg(value.encode());
        cmd.arg("PX").arg(millis(ttl));
        let request = async |mut live: Live| live.connection.send_packed_command(&cmd).await;
        inner.ask(&inner.reads, inner.write_timeout, request).await.map(drop)
    }

    async fn change(&self, op: Op, id: MarkId, scopes: &[Scope]) -> Result<(), Fault> {
        let inner = &self.0;
        let request = async |live: Live| inner.run_scripts(live, (op, id), scopes).await;
        let answers = inner.ask(&inner.scripts, inner.write_timeout, request).await?;
        match answers.get(scopes.len()) {
            Some(Value::Int(replicas)) if *replicas < i64::from(inner.policy.replicas_ack) => {
                Err(Fault(format!("{replicas} replicas have the marks, too few")))
            }
            _ => Ok(()),
        }
    }

    async fn unlink(&self, context: &str, values: &[Name]) -> Result<(), Fault> {
        let inner = &self.0;
        let mut cmd = cmd("UNLINK");
        values.iter().for_each(|digest| {
            cmd.arg(inner.key(context, "ctx", digest));
        });
        let request = async |mut live: Live| live.connection.send_packed_command(&cmd).await;
        inner.ask(&inner.scripts, inner.write_timeout, request).await.map(drop)
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.runtime.spawn(work);
    }

    fn spawn_counted(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.in_flight.spawn(&self.0.runtime, work);
    }

    fn now(&self) -> u64 {
        // By the server's clock, which leases follow.
        millis_now().saturating_add_signed(self.0.ahead.load(Ordering::Relaxed))
    }

    fn mark_id(&self) -> MarkId {
        MarkId::from_be_bytes(random())
    }
}

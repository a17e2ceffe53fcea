//! The cache of many processes, in Redis.
//!
//! A read is one MGET. Marks go through a script, since they depend on what is there; its text is
//! `token.lua`. No SCAN and no KEYS anywhere.

mod breaker;
mod connect;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use redis::{Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, ServerErrorKind, Value};
use tokio::time::timeout;

use self::breaker::Breaker;
use self::connect::{Connections, Live};
use super::counters::Counters;
use super::keys::Digest;
use super::policy::CachePolicy;
use super::shell::{Ask, Fault, Scope, Shell};
use super::stamp::{Incarnation, Look, Stored};
use super::token::{BUILD_MEMORY, Generation, MarkId, Op, State, Token};
use crate::runtime::Runtime;
use crate::secret::random;

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
    /// a server that is not there costs reads nothing but the cache. Fails where the URL is none; the
    /// text does not repeat it.
    pub fn new(url: &str) -> Result<Self, String> {
        let client = Client::open(url).map_err(|error| {
            format!(
                "this is no URL of a Redis server, write redis://host:6379/0 ({})",
                error.category()
            )
        })?;
        Ok(Self { client, prefix: "mizan:".into() })
    }

    /// Puts something else than `mizan:` before every key. Two applications on one server need two
    /// prefixes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

/// The store and the clock behind the protocol.
#[derive(Clone)]
pub(crate) struct RedisShell(Arc<Inner>);

struct Inner {
    prefix: String,
    reads: Connections,
    scripts: Connections,
    breaker: Breaker,
    policy: CachePolicy,
    token_ttl: Duration,
    counters: Arc<Counters>,
    runtime: Runtime,
}

impl RedisShell {
    /// `longest` is the longest time for which a value is kept.
    pub(crate) fn new(
        cache: RedisCache,
        policy: CachePolicy,
        longest: Duration,
        counters: Arc<Counters>,
        runtime: Runtime,
    ) -> Self {
        let shell = Self(Arc::new(Inner {
            prefix: cache.prefix,
            reads: Connections::new(cache.client.clone(), policy.write_timeout),
            scripts: Connections::new(cache.client, policy.write_timeout),
            breaker: Breaker::new(policy.breaker_faults),
            token_ttl: longest * 2,
            policy,
            counters,
            runtime,
        }));
        let inner = Arc::clone(&shell.0);
        shell.0.runtime.spawn(async move { inner.check_eviction().await });
        shell
    }
}

impl Inner {
    fn key(&self, context: &str, kind: &str, digest: &Digest) -> String {
        let mut key = String::with_capacity(self.prefix.len() + 2 * context.len() + 75);
        // The braces are a hash tag: one context lies in one slot of a cluster.
        for part in [&*self.prefix, "{", context, "}:", kind, ":", context, ":"] {
            key.push_str(part);
        }
        key.push_str(&digest.hex());
        key
    }

    fn token_key(&self, context: &str, digest: &Digest) -> String {
        self.key(context, "gen", digest)
    }

    /// Asks for something; a connection that turns out to be broken is replaced once.
    async fn ask<T, F: Future<Output = Result<T, RedisError>>>(
        &self,
        connections: &Connections,
        request: impl Fn(Live) -> F,
    ) -> Result<T, Fault> {
        let mut tried = false;
        loop {
            match request(connections.get().await?).await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    // Whatever it answers, a server that may not be written to is not ours.
                    let gone = error.is_unrecoverable_error()
                        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
                    if gone {
                        connections.forget();
                    }
                    if !gone || tried {
                        return Err(Fault(error.to_string()));
                    }
                    tried = true;
                }
            }
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
        let asked = timeout(self.policy.read_timeout, self.ask(&self.reads, request)).await;
        let answer =
            asked.unwrap_or_else(|_| Err(Fault("the store did not answer in time".into())));
        match &answer {
            Ok(_) => self.breaker.well(),
            Err(fault) => self.fault(fault),
        }
        answer
    }

    fn fault(self: &Arc<Self>, fault: &Fault) {
        self.counters.faults.add();
        if !self.breaker.fault() {
            return;
        }
        self.counters.breaks.add();
        tracing::warn!(%fault, "reads go past the cache until it is back");
        let inner = Arc::clone(self);
        self.runtime.spawn(async move { inner.wait_until_back().await });
    }

    /// Asks again and again; reads pay nothing for that.
    async fn wait_until_back(&self) {
        loop {
            tokio::time::sleep(self.policy.breaker_pause).await;
            self.reads.forget_all();
            let ping = async |mut live: Live| {
                live.connection.send_packed_command(&redis::cmd("PING")).await
            };
            let asked = self.ask(&self.reads, ping);
            if matches!(timeout(self.policy.write_timeout, asked).await, Ok(Ok(_))) {
                break;
            }
        }
        self.reads.forget_all();
        self.breaker.close();
        tracing::info!("the cache is back");
    }

    /// Says where marks could be evicted.
    async fn check_eviction(&self) {
        let mut ask = redis::cmd("CONFIG");
        ask.arg("GET").arg("maxmemory-policy");
        let request = async |mut live: Live| live.connection.send_packed_command(&ask).await;
        let answer = self.ask(&self.scripts, request).await;
        let pair = answer.ok().and_then(|value| Vec::<String>::from_redis_value(value).ok());
        if let Some([_, policy]) = pair.as_deref()
            && policy.starts_with("allkeys")
        {
            tracing::warn!(
                "Redis evicts by `{policy}`: it may drop the mark of a mutation that is under way; if that \
                 mutation's process is killed too, old data stays until it expires. Set `maxmemory-policy \
                 volatile-lfu`"
            );
        }
    }

    /// One operation on the tokens of one context.
    fn script(&self, name: &str, change: (Op, MarkId), scope: &Scope, eval: bool) -> Cmd {
        let (op, id) = change;
        let mut cmd = redis::cmd(if eval { "EVAL" } else { "EVALSHA" });
        cmd.arg(if eval { SCRIPT } else { name }).arg(scope.narrow.len() + 1);
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
            cmd.arg(super::millis(time));
        }
        cmd.arg(format!("{:08x}", scope.build)).arg(BUILD_MEMORY);
        cmd.arg(u8::from(scope.narrow.is_empty()));
        cmd
    }

    /// The operation on every scope, in one pipeline, and behind it the wait for replicas.
    fn scripts(&self, name: &str, change: (Op, MarkId), scopes: &[Scope], eval: bool) -> Pipeline {
        let mut pipeline = Pipeline::with_capacity(scopes.len() + 1);
        for scope in scopes {
            pipeline.add_command(self.script(name, change, scope, eval));
        }
        if change.0 == Op::Begin && self.policy.replicas_ack > 0 {
            let wait = self.policy.write_timeout / 2;
            pipeline.cmd("WAIT").arg(self.policy.replicas_ack).arg(super::millis(wait));
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
            let pipeline = self.scripts(&live.script, change, scopes, eval);
            let count = pipeline.len();
            let answers = live.connection.send_packed_commands(&pipeline, 0, count).await?;
            let failed = answers.iter().find_map(|answer| match answer {
                Value::ServerError(error) => Some(error.clone()),
                _ => None,
            });
            match failed {
                None => return Ok(answers),
                // Somebody has flushed the scripts; all of this may be done twice.
                Some(error) if error.kind() == Some(ServerErrorKind::NoScript) && !eval => {
                    eval = true
                }
                Some(error) => return Err(error.into()),
            }
        }
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

impl Shell for RedisShell {
    const SHARED: bool = true;

    async fn look(&self, ask: &Ask) -> Result<Look, Fault> {
        let mut cmd = redis::cmd("MGET");
        cmd.arg(self.0.key(&ask.context, "ctx", &ask.value));
        for digest in &ask.tokens {
            cmd.arg(self.0.token_key(&ask.context, digest));
        }
        let request = async |mut live: Live| {
            let answer = live.connection.send_packed_command(&cmd).await?;
            Ok((answer, live.incarnation))
        };
        let (answer, incarnation) = self.0.read(request).await?;
        let Value::Array(mut values) = answer else {
            return Err(Fault("MGET was answered by something else than a list".into()));
        };
        if values.len() != ask.tokens.len() + 1 {
            return Err(Fault("MGET was answered by a list of another length".into()));
        }
        let tokens = values[1..].iter().map(token_of).collect();
        let value = match values.swap_remove(0) {
            Value::BulkString(bytes) => Stored::decode(Bytes::from(bytes)),
            _ => None,
        };
        Ok(Look { incarnation, value, tokens })
    }

    async fn create(
        &self,
        ask: &Ask,
        missing: &[usize],
        incarnation: Incarnation,
    ) -> Result<Vec<Option<Token>>, Fault> {
        let mut pipeline = Pipeline::with_capacity(missing.len() * 2);
        for at in missing {
            let Some(digest) = ask.tokens.get(*at) else { continue };
            // The first token is the broad one: it names the builds that read by it.
            let builds = if *at == 0 { vec![(ask.build, self.now())] } else { Vec::new() };
            let fresh = Token { state: State::Open(generation()), builds };
            let key = self.0.token_key(&ask.context, digest);
            let set = pipeline.cmd("SET").arg(&key).arg(fresh.to_text()).arg("NX").arg("PX");
            set.arg(super::millis(self.0.token_ttl));
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

    async fn put(&self, ask: &Ask, value: Stored, ttl: Duration) -> Result<(), Fault> {
        let mut cmd = redis::cmd("SET");
        cmd.arg(self.0.key(&ask.context, "ctx", &ask.value)).arg(value.encode());
        cmd.arg("PX").arg(super::millis(ttl));
        let request = async |mut live: Live| live.connection.send_packed_command(&cmd).await;
        self.0.read(request).await.map(drop)
    }

    async fn change(&self, op: Op, id: MarkId, scopes: &[Scope]) -> Result<(), Fault> {
        let inner = &self.0;
        let request = async |live: Live| inner.run_scripts(live, (op, id), scopes).await;
        let asked = inner.ask(&inner.scripts, request);
        let answers = match timeout(inner.policy.write_timeout, asked).await {
            Ok(answers) => answers,
            Err(_) => {
                // A connection that is silent for so long is of no more use.
                inner.scripts.forget();
                Err(Fault("the store did not answer in time".into()))
            }
        };
        let answers = answers.inspect_err(|fault| inner.fault(fault))?;
        match answers.get(scopes.len()) {
            Some(Value::Int(replicas)) if *replicas < i64::from(inner.policy.replicas_ack) => {
                Err(Fault(format!("{replicas} replicas have the marks, too few")))
            }
            _ => Ok(()),
        }
    }

    async fn unlink(&self, context: &str, values: &[Digest]) -> Result<(), Fault> {
        let mut cmd = redis::cmd("UNLINK");
        values.iter().for_each(|digest| {
            cmd.arg(self.0.key(context, "ctx", digest));
        });
        let request = async |mut live: Live| live.connection.send_packed_command(&cmd).await;
        self.0.ask(&self.0.scripts, request).await.map(drop)
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.runtime.spawn(work);
    }

    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map(super::millis).unwrap_or(0)
    }

    fn mark_id(&self) -> MarkId {
        MarkId::from_be_bytes(random())
    }
}

//! Connections to Redis, for whatever is kept there: one for each thread, each with the run of the
//! server that it leads to.
//!
//! A connection's driver lives on the thread that made it, and requests of one thread share it. The
//! run id belongs to the connection, never to the client: a restart always breaks connections.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::time::timeout;

use mizan_cache::{Fault, Incarnation};

use crate::clock::millis_now;
use crate::error::BuildError;

/// More threads than this share connections.
const SLOTS: usize = 32;

/// A client for a URL. `name` says what holds it; the text of the failure does not repeat it, since it
/// may hold a password.
pub(crate) fn client(name: &str, url: &str) -> Result<Client, BuildError> {
    Client::open(url).map_err(|error| {
        BuildError::single(
            format!("{name} is not a URL of a Redis server ({})", error.category()),
            "write one like `redis://localhost:6379/0`; `rediss://`, which is TLS, is not in this build",
        )
    })
}

/// A connection, and the run of the server at its other end.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) incarnation: Incarnation,
    /// The name of the script there.
    pub(crate) script: Arc<str>,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    pub(crate) ahead: i64,
    /// What the server drops where its memory is full.
    pub(crate) eviction: Arc<str>,
    /// The bytes of memory that it may have; 0 where there is no bound.
    pub(crate) memory: u64,
    /// The script as it was loaded.
    pub(crate) source: &'static str,
    slot: usize,
    /// Tells connections apart.
    this: Arc<()>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("incarnation", &self.incarnation).finish_non_exhaustive()
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Missing {
    /// It is being made, for longer than the caller waits.
    Making,
    /// It could not be made.
    Failed(Fault),
}

type Made = Option<Result<Live, Fault>>;

/// A connection, or one that is being made since some time.
struct Slot {
    made: watch::Receiver<Made>,
    since: Instant,
}

/// The connections of one purpose.
pub(crate) struct Connections {
    purpose: Purpose,
    client: Client,
    timeout: Duration,
    /// What is loaded into the server with each connection.
    script: &'static str,
    slots: Box<[Mutex<Option<Slot>>]>,
}

impl Connections {
    pub(crate) fn new(
        purpose: Purpose,
        client: Client,
        timeout: Duration,
        script: &'static str,
    ) -> Self {
        Self {
            purpose,
            client,
            timeout,
            script,
            slots: (0..SLOTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// The connection of this thread. Where there is none it is made, by a task of its own, for which
    /// callers wait for this time at most; if they do so `together`, from when it was begun.
    pub(crate) async fn get(&self, patience: Duration, together: bool) -> Result<Live, Missing> {
        let (number, start) = (number(), Instant::now());
        loop {
            let (mut made, since) = {
                let mut slot = self.slots[number].lock().unwrap_or_else(PoisonError::into_inner);
                let slot = slot.get_or_insert_with(|| self.make(number));
                if let Some(Ok(live)) = &*slot.made.borrow() {
                    return Ok(live.clone());
                }
                (slot.made.clone(), slot.since)
            };
            let waited = if together { since.elapsed() } else { start.elapsed() };
            let left = patience.saturating_sub(waited);
            let made = match timeout(left, made.wait_for(Option::is_some)).await {
                Ok(Ok(made)) => made.clone(),
                Ok(Err(_)) => None,
                Err(_) => return Err(Missing::Making),
            };
            let fault = match made {
                Some(Ok(live)) => return Ok(live),
                Some(Err(fault)) => fault,
                None => Fault("the connection was given up".into()),
            };
            self.clear(number, |slot| {
                slot.since == since && !matches!(&*slot.made.borrow(), Some(Ok(_)))
            });
            // One that was begun before says little of now.
            if together || since >= start {
                return Err(Missing::Failed(fault));
            }
        }
    }

    fn make(&self, slot: usize) -> Slot {
        let (tell, made) = watch::channel(None);
        let connect = connect(self.client.clone(), self.timeout, self.script, slot);
        let purpose = self.purpose;
        tokio::spawn(async move {
            let made = connect.await;
            if let Ok(live) = &made {
                together(purpose, live);
            }
            tell.send_replace(Some(made));
        });
        Slot { made, since: Instant::now() }
    }

    /// Drops a connection that is broken, unless another one has taken its place.
    pub(crate) fn forget(&self, live: &Live) {
        let same = |slot: &Slot| match &*slot.made.borrow() {
            Some(Ok(known)) => Arc::ptr_eq(&known.this, &live.this),
            _ => false,
        };
        self.clear(live.slot, same);
    }

    /// Drops every connection that is made.
    pub(crate) fn forget_all(&self) {
        for number in 0..SLOTS {
            self.clear(number, |slot| slot.made.borrow().is_some());
        }
    }

    fn clear(&self, number: usize, which: impl Fn(&Slot) -> bool) {
        let mut slot = self.slots[number].lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_some_and(which) {
            *slot = None;
        }
    }
}

/// The number of this thread, below that of the slots.
fn number() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SLOT: Cell<Option<usize>> = const { Cell::new(None) });
    let number = SLOT.get().unwrap_or_else(|| {
        let number = THREADS.fetch_add(1, Ordering::Relaxed);
        SLOT.set(Some(number));
        number
    });
    number % SLOTS
}

/// Connects, asks which run of the server answers, and loads the script.
async fn connect(
    client: Client,
    wait: Duration,
    script: &'static str,
    slot: usize,
) -> Result<Live, Fault> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(wait))
        .set_response_timeout(Some(wait));
    let fault = |error: redis::RedisError| Fault(error.to_string());
    let mut connection =
        client.get_multiplexed_async_connection_with_config(&config).await.map_err(fault)?;
    let info: String = redis::cmd("INFO").query_async(&mut connection).await.map_err(fault)?;
    let source = understood(script, &info);
    let mut hello = redis::pipe();
    hello.cmd("SCRIPT").arg("LOAD").arg(source);
    hello.cmd("TIME");
    let (script, (seconds, micros)): (String, (i64, i64)) =
        hello.query_async(&mut connection).await.map_err(fault)?;
    let ours = millis_now();
    let field = |name: &str| field(&info, name);
    // The process, and the history of its data, which changes with every promotion: after it old
    // tokens of one and the same process may be back.
    let run = field("run_id").zip(field("master_replid"));
    let Some((run, history)) = run else {
        return Err(Fault("the server does not say which run it is".into()));
    };
    let digest = Sha256::digest(format!("{run} {history}"));
    let incarnation = digest.first_chunk().map_or(0, |bytes| Incarnation::from_be_bytes(*bytes));
    Ok(Live {
        connection,
        incarnation,
        script: script.into(),
        ahead: (seconds * 1_000 + micros / 1_000) - i64::try_from(ours).unwrap_or(i64::MAX),
        eviction: field("maxmemory_policy").unwrap_or_default().into(),
        memory: field("maxmemory").and_then(|bytes| bytes.parse().ok()).unwrap_or_default(),
        source,
        slot,
        this: Arc::default(),
    })
}

/// A value of what a server reports of itself.
fn field<'i>(info: &'i str, name: &str) -> Option<&'i str> {
    let mut lines = info.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    lines.next().map(str::trim).filter(|text| !text.is_empty())
}

/// The script without its first line, where that says what only Redis 7 understands.
fn understood(script: &'static str, info: &str) -> &'static str {
    let version = field(info, "redis_version").unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major >= 7) || !script.starts_with("#!") {
        return script;
    }
    tracing::warn!(
        version,
        "Redis is older than 7: mutations are refused while its memory is full"
    );
    script.split_once('\n').map_or(script, |(_, rest)| rest)
}

/// What a server is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Cache,
    Sessions,
    Rates,
    Replays,
}

/// Warns once where one server with a bound on its memory holds both: what is evicted for the cache may be sign-ins.
fn together(purpose: Purpose, live: &Live) {
    static KNOWN: Mutex<Vec<(Purpose, Incarnation)>> = Mutex::new(Vec::new());
    static WARNED: AtomicBool = AtomicBool::new(false);
    if live.memory == 0 || matches!(purpose, Purpose::Rates | Purpose::Replays) {
        return;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let this = (purpose, live.incarnation);
    if !known.contains(&this) {
        known.push(this);
    }
    let is_shared = known.iter().any(|(other, run)| *run == this.1 && *other != purpose);
    if is_shared && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "SESSIONS AND CACHE ARE IN ONE REDIS with `maxmemory`: when it is full, sign-ins are evicted for what \
             strangers read. Give the sessions a server of their own (docs/caching.md has the commands)"
        );
    }
}

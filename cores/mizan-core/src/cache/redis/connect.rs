//! Connections to Redis: one for each thread, each with the run of the server that it leads to.
//!
//! A connection's driver lives on the thread that made it, and requests of one thread share it. The
//! run id belongs to the connection, never to the client: a restart always breaks connections.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use tokio::sync::watch;

use super::super::shell::Fault;
use super::super::stamp::Incarnation;

/// More threads than this share connections.
const SLOTS: usize = 32;

/// A connection, and the run of the server at its other end.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) connection: MultiplexedConnection,
    pub(super) incarnation: Incarnation,
    /// The name of the script there.
    pub(super) script: Arc<str>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("incarnation", &self.incarnation).finish_non_exhaustive()
    }
}

type Made = Option<Result<Live, Fault>>;

/// The connections of one purpose.
pub(super) struct Connections {
    client: Client,
    timeout: Duration,
    slots: Box<[Mutex<Option<watch::Receiver<Made>>>]>,
}

impl Connections {
    pub(super) fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout, slots: (0..SLOTS).map(|_| Mutex::default()).collect() }
    }

    /// The connection of this thread. Where there is none it is made, by a task of its own: whoever
    /// waits may stop waiting.
    pub(super) async fn get(&self) -> Result<Live, Fault> {
        let mut made = {
            let mut slot = self.slot().lock().unwrap_or_else(PoisonError::into_inner);
            match &*slot {
                Some(made) => {
                    if let Some(Ok(live)) = &*made.borrow() {
                        return Ok(live.clone());
                    }
                    made.clone()
                }
                None => {
                    let (tell, made) = watch::channel(None);
                    let connect = connect(self.client.clone(), self.timeout);
                    tokio::spawn(async move {
                        tell.send_replace(Some(connect.await));
                    });
                    slot.insert(made).clone()
                }
            }
        };
        let made = match made.wait_for(Option::is_some).await {
            Ok(made) => made.clone(),
            Err(_) => None,
        };
        match made {
            Some(Ok(live)) => Ok(live),
            Some(Err(fault)) => {
                self.forget();
                Err(fault)
            }
            None => {
                self.forget();
                Err(Fault("the connection was given up".into()))
            }
        }
    }

    /// Drops the connection of this thread: it is broken, or nobody knows.
    pub(super) fn forget(&self) {
        *self.slot().lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Drops every connection.
    pub(super) fn forget_all(&self) {
        for slot in &self.slots {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    fn slot(&self) -> &Mutex<Option<watch::Receiver<Made>>> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static SLOT: Cell<Option<usize>> = const { Cell::new(None) });
        let number = SLOT.get().unwrap_or_else(|| {
            let number = THREADS.fetch_add(1, Ordering::Relaxed);
            SLOT.set(Some(number));
            number
        });
        &self.slots[number % SLOTS]
    }
}

/// Connects, asks which run of the server answers, and loads the script.
async fn connect(client: Client, timeout: Duration) -> Result<Live, Fault> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(Some(timeout));
    let fault = |error: redis::RedisError| Fault(error.to_string());
    let mut connection =
        client.get_multiplexed_async_connection_with_config(&config).await.map_err(fault)?;
    let mut hello = redis::pipe();
    hello.cmd("INFO").arg("server");
    hello.cmd("SCRIPT").arg("LOAD").arg(super::SCRIPT);
    let (info, script): (String, String) =
        hello.query_async(&mut connection).await.map_err(fault)?;
    let run = info.lines().find_map(|line| line.strip_prefix("run_id:"));
    let incarnation = run.and_then(|id| u64::from_str_radix(id.trim().get(..16)?, 16).ok());
    let incarnation =
        incarnation.ok_or_else(|| Fault("the server does not say which run it is".into()))?;
    Ok(Live { connection, incarnation, script: script.into() })
}

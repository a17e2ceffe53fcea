//! Calls that are sent again: by the key of a caller what the first one gave, so that it has one effect. Kept in this
//! process, or in Redis for many.

mod key;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::rates::Time;
use crate::secret::random;
use crate::task::Runtime;

pub(crate) use key::{Bound, Call, sent};
use memory::MemoryReplays;
#[cfg(feature = "redis")]
pub use redis::RedisReplays;

/// How long a response is kept.
const KEPT: Duration = Duration::from_secs(600);
/// How long a call that is under way keeps its key. Where its process ends, the key is free after this time.
const LEASE: Duration = Duration::from_secs(60);
/// How often a call that is under way says that it still is.
pub(crate) const RENEWAL: Duration = Duration::from_secs(20);
/// The longest response that is kept, in bytes.
pub(crate) const LONGEST: usize = 1 << 20;
/// The first and the longest time between two questions whether a call has ended.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(640)];
/// How often, a second apart, a response is kept that the store has not taken.
const TRIES: u32 = 60;

/// What tells the owner of a key from others.
type Token = [u8; 16];

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// Nothing: it is the caller's now.
    Free,
    /// The call is under way.
    Running,
    /// It belongs to another function, or to other arguments.
    OfAnotherCall,
    /// What the call gave.
    Ended(Bytes),
}

/// Where keys are kept, and the clock of a test.
#[derive(Default)]
pub(crate) struct ReplaySetup {
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<RedisReplays>,
    pub(crate) time: Option<Time>,
}

impl ReplaySetup {
    /// Whether other processes know the same keys.
    pub(crate) fn is_shared(&self) -> bool {
        #[cfg(feature = "redis")]
        if self.redis.is_some() {
            return true;
        }
        false
    }
}

/// What was sent with a key. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Replays(Arc<Store>);

struct Store {
    memory: MemoryReplays,
    #[cfg(feature = "redis")]
    redis: Option<RedisReplays>,
    runtime: Runtime,
}

/// The first of the calls with one key, or what it gave.
pub(crate) enum Turn {
    First(Begun),
    Again(Bytes),
}

/// A key that belongs to a call. Where its process ends, the key stays until the end of its lease.
pub(crate) struct Begun {
    replays: Replays,
    call: Call,
    token: Token,
}

impl Replays {
    pub(crate) fn new(setup: ReplaySetup, runtime: Runtime) -> Self {
        let start = Instant::now();
        let time = setup.time.unwrap_or_else(|| Arc::new(move || start.elapsed()));
        Self(Arc::new(Store {
            memory: MemoryReplays::new(time),
            #[cfg(feature = "redis")]
            redis: setup.redis,
            runtime,
        }))
    }

    /// Takes the key of a call, or waits for the response of the one that has it.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the key belongs to another call, `UNAVAILABLE` where the store cannot be asked.
    pub(crate) async fn turn(&self, call: Call) -> Result<Turn> {
        let mut claiming = Claiming { replays: self, call, token: random(), is_open: true };
        let [mut pause, longest] = PAUSES;
        loop {
            let found = self.0.claim(&call, &claiming.token).await?;
            claiming.is_open = false;
            match found {
                Found::Free => return Ok(Turn::First(claiming.begun())),
                Found::Ended(kept) => return Ok(Turn::Again(kept)),
                Found::OfAnotherCall => {
                    let message = "this `Idempotency-Key` was sent with another call";
                    return Err(Error::validation(message));
                }
                Found::Running => tokio::time::sleep(pause).await,
            }
            claiming.is_open = true;
            pause = longest.min(pause * 2);
        }
    }
}

/// A key that is asked for. Where its caller goes away meanwhile, or the store is silent, it may be taken and must be free
/// again.
struct Claiming<'a> {
    replays: &'a Replays,
    call: Call,
    token: Token,
    is_open: bool,
}

impl Claiming<'_> {
    fn begun(&self) -> Begun {
        Begun { replays: self.replays.clone(), call: self.call, token: self.token }
    }
}

impl Drop for Claiming<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.replays.0.runtime.spawn(self.begun().release());
        }
    }
}

impl Begun {
    /// Says that the call is still under way.
    pub(crate) fn renew(&self) {
        let (replays, call, token) = (self.replays.clone(), self.call, self.token);
        self.replays.0.runtime.spawn(async move {
            if let Err(error) = replays.0.renew(&call, &token).await {
                tracing::warn!(?error, "the key of a call that is under way could not be renewed");
            }
        });
    }

    /// Frees the key of a call that has had no effect.
    pub(crate) async fn release(self) {
        // Where this fails, the lease ends.
        let _ = self.replays.0.release(&self.call, &self.token).await;
    }

    /// Keeps what the call gave. Where the store does not take it, it is tried again for a minute.
    pub(crate) async fn keep(self, given: Bytes) {
        let Err(error) = self.replays.0.keep(&self.call, &self.token, &given).await else { return };
        tracing::error!(?error, "the response to an idempotent call could not be kept yet");
        let runtime = self.replays.0.runtime.clone();
        runtime.spawn(async move {
            for _ in 0..TRIES {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if self.replays.0.keep(&self.call, &self.token, &given).await.is_ok() {
                    return;
                }
            }
            tracing::error!("the response to an idempotent call was not kept: its key is free");
        });
    }
}

/// One of the two stores.
macro_rules! store {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Store {
            $(async fn $name(&self, call: &Call, token: &Token $(, $arg: $type)*) -> Result<$result> {
                #[cfg(feature = "redis")]
                if let Some(redis) = &self.redis {
                    return redis.$name(call, token $(, $arg)*).await;
                }
                Ok(self.memory.$name(call, token $(, $arg)*))
            })*
        }
    };
}

store! {
    claim() -> Found;
    renew() -> ();
    release() -> ();
    keep(given: &Bytes) -> ();
}

//! The cache that most of us have written once: look, else read and store; after a commit, delete.
//!
//! It is a careful one: it deletes every key that holds what was changed, whatever the parameters,
//! and tries a delete again on a new connection.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError};

use crate::store::Seen;

/// How long one operation waits for Redis.
const TIMEOUT: Duration = Duration::from_millis(200);
/// How long a value is kept, in seconds.
const TTL: u64 = 24 * 60 * 60;

/// A cache in Redis.
pub(crate) struct Naive {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Naive {
    pub(crate) fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self { client: Client::open(url)?, connection: Mutex::default() })
    }

    pub(crate) async fn get(&self, name: &str) -> Option<Seen> {
        let text: Option<String> = self.ask(redis::cmd("GET").arg(name)).await.ok()?;
        let mut seen: Seen = serde_json::from_str(&text?).ok()?;
        seen.from = "cache".into();
        Some(seen)
    }

    pub(crate) async fn set(&self, name: &str, seen: &Seen) {
        let Ok(text) = serde_json::to_string(seen) else { return };
        // What is not stored is read again.
        let _: Result<(), _> =
            self.ask(redis::cmd("SET").arg(name).arg(text).arg("EX").arg(TTL)).await;
    }

    pub(crate) async fn delete(&self, names: &[String]) {
        // The change is committed; what else could be done than to go on?
        let _: Result<(), _> = self.ask(redis::cmd("DEL").arg(names)).await;
    }

    /// Asks, and where the connection is broken, asks again on a new one.
    async fn ask<T: FromRedisValue>(&self, cmd: &Cmd) -> Result<T, RedisError> {
        let known = self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(mut connection) = known
            && let Ok(answer) = cmd.query_async(&mut connection).await
        {
            return Ok(answer);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let mut connection =
            self.client.get_multiplexed_async_connection_with_config(&config).await?;
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
        cmd.query_async(&mut connection).await
    }
}

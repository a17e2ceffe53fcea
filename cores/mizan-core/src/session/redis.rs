//! Sessions in Redis, for applications of several processes, and for sign-ins that outlive a restart.
//!
//! Everything is done by one script, `session.lua`, so each operation happens at once. Times to live
//! are Redis's own. No SCAN and no KEYS: the sessions of somebody are listed by an index.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind, cmd};

use super::{Exchange, Refresh, Session, SessionStore, StoreFuture};
use crate::clock::millis;
use crate::error::{BuildError, Error, Result};
use crate::redis::{self, Connections, Live, Purpose};
use crate::secret::{hex, random};

const SCRIPT: &str = include_str!("session.lua");

/// How many sessions of somebody end at one time. Redis answers nobody else meanwhile.
const BATCH: &str = "50";

/// How long one operation may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Keeps sessions in Redis, shared by every process that is given the same server and prefix.
///
/// Where Redis cannot be asked, a request with a session or a token is answered with `UNAVAILABLE`:
/// nobody is signed out by an outage.
#[derive(Clone)]
pub struct RedisSessions {
    connections: Arc<Connections>,
    /// What stands before every key.
    prefix: String,
}

impl fmt::Debug for RedisSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("RedisSessions").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RedisSessions {
    /// Sessions at this URL, for example `redis://localhost:6379/0`. Connects with the first request.
    ///
    /// # Errors
    /// Where the URL is invalid, or asks for TLS, which this build does not support. The text does not
    /// repeat the URL, which may hold a password.
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::named("what `RedisSessions::new` was given", url)
    }

    /// The same, with a name for what holds the URL.
    pub(crate) fn named(name: &str, url: &str) -> Result<Self, BuildError> {
        let connections =
            Connections::new(Purpose::Sessions, redis::client(name, url)?, TIMEOUT, SCRIPT);
        Ok(Self { connections: Arc::new(connections), prefix: String::new() }.prefix("mizan:"))
    }

    /// Puts something else than `mizan:` before every key. Two applications on one server need two
    /// prefixes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        // The braces are a hash tag: the script reaches every key of sessions in one slot of a cluster.
        self.prefix = format!("{}{{session}}:", prefix.into());
        self
    }

    /// Runs the script.
    async fn run<T: FromRedisValue>(&self, op: &str, words: &[&str]) -> Result<T> {
        let ask = |live| self.ask(live, op, words);
        let demoted = || self.connections.forget_all();
        let done = redis::run(&self.connections, TIMEOUT, false, ask, |_| {}, demoted).await;
        done.map_err(|failure| unavailable(failure.into_fault()))
    }

    async fn ask<T: FromRedisValue>(
        &self,
        mut live: Live,
        op: &str,
        words: &[&str],
    ) -> Result<T, RedisError> {
        match self
            .command("EVALSHA", &live.script, op, words)
            .query_async(&mut live.connection)
            .await
        {
            // Somebody has flushed the scripts.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.command("EVAL", SCRIPT, op, words).query_async(&mut live.connection).await
            }
            answer => answer,
        }
    }

    fn command(&self, eval: &str, script: &str, op: &str, words: &[&str]) -> Cmd {
        let mut command = cmd(eval);
        command.arg(script).arg(1).arg(&self.prefix).arg(op);
        for word in words {
            command.arg(word);
        }
        command
    }
}

/// A 503 whose cause is in the log only.
fn unavailable(cause: impl fmt::Display) -> Error {
    tracing::warn!(%cause, "the sessions in Redis cannot be asked");
    Error::unavailable("the sessions cannot be reached")
}

/// A session of its fields; `None` where there are none.
fn session(mut fields: HashMap<String, String>) -> Result<Option<Session>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let started = fields.get("started").and_then(|text| text.parse().ok());
    let (Some(subject), Some(started)) = (fields.remove("subject"), started) else {
        return Err(unavailable("a session is not as it was kept"));
    };
    Ok(Some(Session {
        parent: fields.remove("parent"),
        refresh: fields.remove("refresh"),
        label: fields.remove("label").unwrap_or_default(),
        ..Session::new(subject, started)
    }))
}

impl SessionStore for RedisSessions {
    fn find<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<Session>> {
        Box::pin(async move { session(self.run("find", &[id]).await?) })
    }

    fn find_first<'a>(&'a self, ids: &'a [String]) -> StoreFuture<'a, Option<(usize, Session)>> {
        Box::pin(async move {
            let words: Vec<&str> = ids.iter().map(String::as_str).collect();
            let (at, fields): (usize, HashMap<String, String>) = self.run("first", &words).await?;
            Ok(session(fields)?.map(|session| (at, session)))
        })
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn keep<'a>(
        &'a self,
        id: &'a str,
        session: Session,
        time: Duration,
        most: usize,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (time, started) = (millis(time).to_string(), session.started.to_string());
            let most = most.to_string();
            let parent = session.parent.as_deref().unwrap_or_default();
            let refresh = session.refresh.as_deref().unwrap_or_default();
            let words =
                [id, &time, &session.subject, parent, refresh, &started, &session.label, &most];
            self.run("keep", &words).await
        })
    }

    fn end<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.run("end", &[id]).await })
    }

    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            while self.run::<u64>("endall", &[subject, BATCH]).await? > 0 {}
            Ok(())
        })
    }

    fn exchange<'a>(&'a self, id: &'a str, tokens: Exchange<'a>) -> StoreFuture<'a, Refresh> {
        Box::pin(async move {
            let [time, grace] = [tokens.time, tokens.grace].map(|time| millis(time).to_string());
            let issued = tokens.issued.to_string();
            // The same on every try of this exchange, and on those of no other.
            let attempt = hex(&random::<16>());
            let words = [id, &time, tokens.last, tokens.next, &issued, &grace, &attempt];
            let (answer, next, issued): (String, String, u64) =
                self.run("exchange", &words).await?;
            match answer.as_str() {
                "done" => Ok(Refresh::Rotated),
                "again" => Ok(Refresh::Repeated { next, issued }),
                "reused" => Ok(Refresh::Reused),
                "gone" => Ok(Refresh::NoSession),
                _ => Err(unavailable("the script answered something else")),
            }
        })
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let ask = |mut live: Live| async move {
                cmd("PING").query_async::<()>(&mut live.connection).await
            };
            let demoted = || self.connections.forget_all();
            let done = redis::run(&self.connections, TIMEOUT, false, ask, |_| {}, demoted).await;
            done.map_err(|failure| unavailable(failure.into_fault()))
        })
    }

    fn of<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>> {
        Box::pin(async move {
            let (skip, count) = (skip.to_string(), count.to_string());
            let all: Vec<(String, HashMap<String, String>)> =
                self.run("of", &[subject, &skip, &count]).await?;
            let own = |(id, fields)| Ok(session(fields)?.map(|session| (id, session)));
            all.into_iter().filter_map(|found| own(found).transpose()).collect()
        })
    }
}

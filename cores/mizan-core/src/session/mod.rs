//! Sessions: who has signed in, kept by a store, and found by every cookie and token that depends
//! on them.
//!
//! A session's id is a digest of the secret that its cookie holds, under the application's key: two applications
//! in one store do not take each other's sessions. The id is in tokens and lists; nobody gets from it to the cookie. A pair of tokens has a session of its own, which depends
//! on the one that it was given for: signing that one out ends both.

mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::secret::{Secret, hex, random};
use crate::task::BoxFuture;

pub use memory::MemorySessions;
#[cfg(feature = "redis")]
pub use redis::RedisSessions;

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Who has signed in.
    pub subject: String,
    /// The session that this one depends on.
    pub parent: Option<String>,
    /// Which refresh token is good, where tokens were given for it.
    pub refresh: Option<String>,
    /// When it began, in seconds since the epoch.
    pub started: u64,
    /// What is shown of it in a list: the name of a device, for example.
    pub label: String,
}

impl Session {
    /// A session that depends on no other.
    pub fn new(subject: impl Into<String>, started: u64) -> Self {
        Self { subject: subject.into(), parent: None, refresh: None, started, label: String::new() }
    }
}

/// The exchange of a refresh token for its successor. A store knows names of tokens, never tokens.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// What names the token that is given back.
    pub last: &'a str,
    /// What names its successor.
    pub next: &'a str,
    /// When the successor is made, in seconds since the epoch.
    pub issued: u64,
    /// How long the session is kept from now.
    pub time: Duration,
    /// For how long the last token may come once more.
    pub grace: Duration,
}

/// What became of the exchange of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// The next token is good now, and the last one no longer.
    Rotated,
    /// The token came for the second time, within the grace and before its successor was used: that
    /// successor is given once more.
    Repeated {
        /// What names the successor.
        next: String,
        /// When it was made.
        issued: u64,
    },
    /// The token had been used before, or was never given: somebody has copied one.
    Reused,
    /// There is no such session.
    NoSession,
}

/// What a [`SessionStore`] answers.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T>>;

/// Keeps sessions. Each method is asked on the way of a request, so it must be quick; an error refuses
/// that request. [`testing::sessions`](crate::testing::sessions) has the contract as tests for a store of your own.
pub trait SessionStore: Send + Sync + 'static {
    /// The session of an id; `None` where there is none, or no longer.
    fn find<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<Session>>;
    /// The first session that one of these ids has, with its position: for a cookie whose id follows from one of
    /// several keys. A store that is far away asks once.
    fn find_first<'a>(&'a self, ids: &'a [String]) -> StoreFuture<'a, Option<(usize, Session)>> {
        Box::pin(async move {
            for (at, id) in ids.iter().enumerate() {
                if let Some(session) = self.find(id).await? {
                    return Ok(Some((at, session)));
                }
            }
            Ok(None)
        })
    }
    /// Whether other processes may use the same store, or this one again after a restart. The ids of sessions must
    /// then follow from a key that is given, and `build()` refuses to start without `JWT_PRIVATE_KEY`.
    fn is_shared(&self) -> bool {
        false
    }
    /// Keeps a session for so long; not one whose parent is over. Where its parent has `most` already, or its subject
    /// has `most` that depend on none, those that would end first go, and what depends on them.
    fn keep<'a>(
        &'a self,
        id: &'a str,
        session: Session,
        time: Duration,
        most: usize,
    ) -> StoreFuture<'a, ()>;
    /// Ends a session, and those that depend on it. One that is not there is not an error.
    fn end<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()>;
    /// Ends every session of somebody.
    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()>;
    /// Puts another refresh token in the place of the one that is good, and keeps the session for so
    /// long from now. All of it happens at once: of any number of requests with one token one gets
    /// `Rotated`, at most one `Repeated`, and the others `Reused`.
    fn exchange<'a>(&'a self, id: &'a str, tokens: Exchange<'a>) -> StoreFuture<'a, Refresh>;
    /// Whether the store can be asked now. `/readyz` is a 503 where it cannot.
    fn check(&self) -> StoreFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }
    /// A page of the ids and sessions of somebody: those that end last come first. Sessions whose parent is over are
    /// left out, so a page may have fewer than `count` though it is not the last.
    fn of<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>>;
}

/// A secret for a cookie.
pub(crate) fn secret() -> String {
    hex(&random::<32>())
}

/// What names the secret of a cookie, or the id of a refresh token, and tells nothing of it.
pub(crate) fn name_of(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

/// The keys under which the ids of sessions are made: the one of now, then those that are rotated out.
#[derive(Debug, Clone)]
pub(crate) struct SessionKeys(Vec<Secret>);

impl SessionKeys {
    pub(crate) fn new(newest: Secret, older: impl IntoIterator<Item = Secret>) -> Self {
        let mut keys = vec![newest];
        for key in older {
            if keys.iter().all(|known| known.bytes() != key.bytes()) {
                keys.push(key);
            }
        }
        Self(keys)
    }

    /// The ids that the session of a cookie may have: that of now first.
    pub(crate) fn ids(&self, secret: &str) -> Vec<String> {
        self.0.iter().map(|key| hex(&key.digest(PURPOSE, &[secret]))).collect()
    }

    /// The ids that the successor of a refresh token may have, that under the key of now first. They follow
    /// from the token, so nobody has to keep them; without a key nobody gets from one to the next.
    pub(crate) fn successors(&self, family: &str, last: &str) -> impl Iterator<Item = String> {
        self.0.iter().map(move |key| hex(&key.digest(REFRESH, &[family, last])))
    }

    /// The id of a session that begins now.
    pub(crate) fn id(&self, secret: &str) -> String {
        self.ids(secret).into_iter().next().unwrap_or_default()
    }
}

const PURPOSE: &str = "mizan-session";
const REFRESH: &str = "mizan-refresh";

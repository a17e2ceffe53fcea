//! What the protocol needs of the world: a store, a clock, and tasks that outlive a request.
//!
//! The protocol is written once, in `engine` and `marks`, over this trait.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::keys::Name;
use crate::stamp::{Incarnation, Snapshot, Stored};
use crate::token::{BuildId, MarkId, Op, Token};

/// What a read asks for: its value, and the tokens that cover it, the broad one first.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The wire name of the context.
    pub context: Arc<str>,
    /// The entry.
    pub value: Name,
    /// The cover.
    pub tokens: Vec<Name>,
    /// The shapes that this build knows.
    pub build: BuildId,
}

/// The tokens of one context that a mutation applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The wire name of the context.
    pub context: Arc<str>,
    /// The shapes that this build knows.
    pub build: BuildId,
    /// The broad token.
    pub broad: Name,
    /// The narrower tokens; none where the broad one itself is meant.
    pub narrow: Vec<Name>,
}

impl Scope {
    /// Whether taking back the marks of `other` would take one of this scope's. Where this one holds
    /// the broad token, whatever is done to narrower ones applies to that one too.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        let shared = |token: &Name| other.narrow.contains(token);
        self.context == other.context
            && (self == other || self.narrow.is_empty() || self.narrow.iter().any(shared))
    }
}

/// Why a store could not be asked.
#[derive(Debug, Clone)]
pub struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// The world as the protocol sees it.
pub trait Store: Send + Sync + 'static {
    /// Whether other processes share the store: then mutations hold leases and renew them.
    const SHARED: bool;

    /// Reads a value and its tokens. One round trip.
    fn look_up(&self, lookup: &Lookup) -> impl Future<Output = Result<Snapshot, Fault>> + Send;

    /// Reads several values, each with its tokens, in one round trip; the snapshots are in the order of the
    /// lookups. A store that never waits asks for one after the other.
    fn look_up_all(
        &self,
        lookups: &[&Lookup],
    ) -> impl Future<Output = Result<Vec<Snapshot>, Fault>> + Send {
        async move {
            let mut all = Vec::with_capacity(lookups.len());
            for lookup in lookups {
                all.push(self.look_up(lookup).await?);
            }
            Ok(all)
        }
    }

    /// Creates the tokens at these positions of the cover where they are still absent, and gives
    /// what is there then. Fails where the store has been restarted since `incarnation`.
    fn create(
        &self,
        lookup: &Lookup,
        missing: &[usize],
        incarnation: Incarnation,
    ) -> impl Future<Output = Result<Vec<Option<Token>>, Fault>> + Send;

    /// Stores a value.
    fn put(
        &self,
        lookup: &Lookup,
        value: Stored,
        ttl: Duration,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Applies an operation to every token of every scope. One round trip.
    fn change(
        &self,
        op: Op,
        id: MarkId,
        scopes: &[Scope],
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Gives back the memory of values.
    fn unlink(
        &self,
        context: &str,
        values: &[Name],
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// Runs work to its end, even if its caller goes away.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static);

    /// The same for work that a mutation has left: a stop of the process waits for it.
    fn spawn_counted(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.spawn(work);
    }

    /// Milliseconds since the epoch, by the clock of leases.
    fn now(&self) -> u64;

    /// A number that no other mutation has.
    fn mark_id(&self) -> MarkId;
}

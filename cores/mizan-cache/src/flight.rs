//! Reads of one entry that run at one time run once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use super::keys::Digest;
use super::stamp::Stamp;
use crate::error::Error;

/// What a flight ended with.
type Landed = Result<Bytes, Arc<Error>>;
type Key = (Digest, Stamp);

/// The reads that are running, by entry and stamp. One with an older stamp is never joined: a read
/// that begins after a mutation shall not get what was computed before it.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<Key, watch::Receiver<Option<Landed>>>>);

/// A place in a flight.
pub(crate) enum Location {
    /// Nobody runs yet: run, and tell the others.
    Lead(Lead),
    /// Somebody runs already.
    Follow(watch::Receiver<Option<Landed>>),
}

/// The duty to run. Dropped before it has landed, it passes on to one of those who wait.
pub(crate) struct Lead {
    flights: Arc<Flights>,
    key: Key,
    landed: watch::Sender<Option<Landed>>,
}

impl Flights {
    pub(crate) fn join(self: &Arc<Self>, value: Digest, stamp: &Stamp) -> Location {
        let key = (value, stamp.clone());
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()) {
            Entry::Occupied(running) => Location::Follow(running.get().clone()),
            Entry::Vacant(vacant) => {
                let (landed, wait) = watch::channel(None);
                vacant.insert(wait);
                Location::Lead(Lead { flights: Arc::clone(self), key, landed })
            }
        }
    }
}

impl Lead {
    /// Tells those who wait. New ones go on joining until the value can be found in the store, when
    /// this is dropped.
    pub(crate) fn land(&self, result: Landed) {
        self.landed.send_replace(Some(result));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Waits for a flight; `None` where it was given up.
pub(crate) async fn landing(mut flight: watch::Receiver<Option<Landed>>) -> Option<Landed> {
    let landed = flight.wait_for(Option::is_some).await.ok()?;
    landed.clone()
}

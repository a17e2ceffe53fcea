//! Reads of one entry that run at one time run once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::keys::Name;
use crate::stamp::Stamp;

/// What a flight ended with.
type Landed<E> = Result<Bytes, Arc<E>>;
type Waiting<E> = watch::Receiver<Option<Landed<E>>>;
type Key = (Name, Stamp);

/// The reads that are running, by entry and stamp. One with an older stamp is never joined: a read
/// that begins after a mutation must not get what was computed before it.
#[derive(Debug)]
pub(crate) struct Flights<E> {
    running: Mutex<HashMap<Key, Waiting<E>>>,
    /// How many flights have ended.
    ended: AtomicU64,
}

impl<E> Default for Flights<E> {
    fn default() -> Self {
        Self { running: Mutex::default(), ended: AtomicU64::new(0) }
    }
}

/// A place in a flight.
pub(crate) enum Place<E> {
    /// No read runs yet: run, and notify the others.
    Lead(Lead<E>),
    /// Another read runs already.
    Follow(Waiting<E>),
}

/// The duty to run. Dropped before it has landed, it passes on to one of those who wait.
pub(crate) struct Lead<E> {
    flights: Arc<Flights<E>>,
    key: Key,
    landed: watch::Sender<Option<Landed<E>>>,
}

impl<E> Flights<E> {
    /// How many flights have ended. Where this stays the same, no value was stored in between.
    pub(crate) fn ended(&self) -> u64 {
        self.ended.load(Ordering::SeqCst)
    }

    pub(crate) fn join(self: &Arc<Self>, value: &Name, stamp: &Stamp) -> Place<E> {
        let key = (value.clone(), stamp.clone());
        match self.running.lock().unwrap_or_else(PoisonError::into_inner).entry(key) {
            Entry::Occupied(running) => Place::Follow(running.get().clone()),
            Entry::Vacant(vacant) => {
                let (landed, wait) = watch::channel(None);
                let key = vacant.key().clone();
                vacant.insert(wait);
                Place::Lead(Lead { flights: Arc::clone(self), key, landed })
            }
        }
    }
}

impl<E> Lead<E> {
    /// Notifies those who wait. New ones go on joining until the value can be found in the store,
    /// when this is dropped.
    pub(crate) fn land(&self, result: Landed<E>) {
        self.landed.send_replace(Some(result));
    }
}

impl<E> Drop for Lead<E> {
    fn drop(&mut self) {
        // Counted before it can be missed: a read that finds no flight sees that one has ended.
        self.flights.ended.fetch_add(1, Ordering::SeqCst);
        self.flights.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Waits for a flight; `None` where it was given up.
pub(crate) async fn landing<E>(mut flight: Waiting<E>) -> Option<Landed<E>> {
    let landed = flight.wait_for(Option::is_some).await.ok()?;
    landed.clone()
}

//! One run of a read for many entries: its keys, and what it has found for each.

mod key;
mod run;

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Deref;

use crate::error::Result;

pub use key::{EachKey, EachResult, FoundCodec, Key, KeyCodec, KeyProbe, PlainKey};
pub(super) use run::{EachTyped, Shared};

/// One run has at most this number of keys.
pub(crate) const MAX_KEYS: usize = 64;

/// The keys of all entries that are read together, as a parameter of a read: one run, one query, for a whole batch.
///
/// Clients see a function with the parameter `stall_id: i64`. Each result is a cache entry of its own. A single read
/// runs the function with one key; a batch, or the refresh that a call brings with it, with the keys of all entries
/// that are not in the cache, each once and at most 64 at a time. Entries that differ in another argument are read in
/// another run. The function returns [`Found`]; a key that is not in it is a `NOT_FOUND` of its entry.
///
/// ```ignore
/// #[client(context = StallCardContext)]
/// async fn stall_card(db: State<Db>, stall_id: Each<i64>) -> Result<Found<i64, Card>> {
///     Ok(db.cards(&stall_id).await?.into_iter().map(|card| (card.stall_id, card)).collect())
/// }
/// ```
///
/// A key of several parameters is a struct with [`#[derive(EachKey)]`](macro@crate::EachKey).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each<T>(Vec<T>);

impl<T> Each<T> {
    /// The keys; for tests of the function itself.
    pub fn new(keys: impl IntoIterator<Item = T>) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl<T> Deref for Each<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Each<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Each<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// What a function with [`Each`] has found: a value for each key, or an error for that key alone.
///
/// It collects from pairs `(key, value)` and from pairs `(key, Result<value>)`. Of a key that is there twice the last
/// value counts; a key that was not asked for is ignored.
#[derive(Debug)]
pub struct Found<K, V>(HashMap<K, Result<V>>);

impl<K: Eq + Hash, V> Found<K, V> {
    /// Without a value for any key.
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    /// Adds what was found for a key: a value, or the error of its entry.
    pub fn insert(&mut self, key: K, found: Result<V>) {
        self.0.insert(key, found);
    }

    /// What was found for a key.
    pub fn get(&self, key: &K) -> Option<&Result<V>> {
        self.0.get(key)
    }

    pub(crate) fn take(&mut self, key: &K) -> Option<Result<V>> {
        self.0.remove(key)
    }

    pub(crate) fn map<W>(self, each: impl Fn(V) -> W) -> Found<K, W> {
        Found(self.0.into_iter().map(|(key, found)| (key, found.map(&each))).collect())
    }
}

impl<K: Eq + Hash, V> Default for Found<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for Found<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key, Ok(value))).collect())
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, Result<V>)> for Found<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, Result<V>)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

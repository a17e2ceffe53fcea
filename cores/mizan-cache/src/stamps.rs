//! Entries without their functions: what is stored now, and under which stamp something would be stored.

use std::sync::Arc;

use bytes::Bytes;

use crate::engine::{Engine, Entry};
use crate::stamp::{Snapshot, Stamp, Stored, Verdict};
use crate::store::{Fault, Lookup, Store};
use crate::token::{State, Token};

impl<S: Store, E: Send + Sync + 'static> Engine<S, E> {
    /// What an entry holds now, if that may be served.
    ///
    /// # Errors
    /// Where the store does not respond.
    pub async fn get(&self, entry: &Entry) -> Result<Option<Bytes>, Fault> {
        match self.verdict(entry).await? {
            Verdict::Hit(body) => Ok(Some(body)),
            _ => Ok(None),
        }
    }

    /// Stores a value under the stamp of now. False where a mutation is under way.
    ///
    /// # Errors
    /// Where the store does not respond.
    pub async fn put(&self, entry: &Entry, body: Bytes) -> Result<bool, Fault> {
        let stamp = match self.stamp(&entry.lookup).await? {
            Some(stamp) if body.len() <= self.policy.max_body => stamp,
            _ => return Ok(false),
        };
        let value = Stored { stamp, layout: entry.layout, filled_at: self.store.now(), body };
        self.store.put(&entry.lookup, value, entry.ttl).await?;
        Ok(true)
    }

    /// Gives back the memory of one entry's value.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn unlink(&self, entry: &Entry) -> Result<(), Fault> {
        self.store.unlink(&entry.lookup.context, std::slice::from_ref(&entry.lookup.value)).await
    }

    /// The stamp of each entry now, for a value that is made of all of them: such a value is good for as long as all
    /// of them stay. One round trip, and another where tokens are made. `None` while a mutation is under way that
    /// covers one of the entries, or one that the store knows nothing of.
    ///
    /// # Errors
    /// Where the store does not respond.
    pub async fn stamps(self: &Arc<Self>, entries: &[Entry]) -> Result<Option<Vec<Stamp>>, Fault> {
        if entries.iter().any(|entry| self.untold.covers(&entry.lookup)) {
            return Ok(None);
        }
        let lookups: Vec<&Lookup> = entries.iter().map(|entry| &entry.lookup).collect();
        let snapshots = self.store.look_up_all(&lookups).await?;
        let mut stamps = Vec::with_capacity(entries.len());
        for (entry, snapshot) in entries.iter().zip(snapshots) {
            // Whatever is stored there, the stamp is what is asked for.
            let mut snapshot = Snapshot { value: None, ..snapshot };
            let mut verdict = self.reader(entry).judge(&snapshot);
            if let Verdict::Create(missing) = verdict {
                self.create(&entry.lookup, &mut snapshot, missing).await?;
                verdict = self.reader(entry).judge(&snapshot);
            }
            match verdict {
                Verdict::Fill(stamp) => stamps.push(stamp),
                Verdict::Bypass { over, join } => {
                    self.help(&entry.lookup, &over, join);
                    return Ok(None);
                }
                _ => return Ok(None),
            }
        }
        Ok((stamps.len() == entries.len()).then_some(stamps))
    }

    async fn stamp(&self, lookup: &Lookup) -> Result<Option<Stamp>, Fault> {
        let mut snapshot = self.store.look_up(lookup).await?;
        let absent = |(_, token): &(usize, &Option<Token>)| token.is_none();
        let missing: Vec<usize> =
            snapshot.tokens.iter().enumerate().filter(absent).map(|(at, _)| at).collect();
        if !missing.is_empty() {
            self.create(lookup, &mut snapshot, missing).await?;
        }
        let generation = |token: Option<Token>| match token?.state {
            State::Open(generation) => Some(generation),
            State::Marked { .. } => None,
        };
        let incarnation = snapshot.incarnation;
        let generations: Option<Box<[_]>> = snapshot.tokens.into_iter().map(generation).collect();
        Ok(generations.map(|generations| Stamp { incarnation, generations }))
    }
}

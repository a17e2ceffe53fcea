//! Keys of one process. Memory is bounded: beyond the bound the responses that were kept first are let go.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::{Call, Found, KEPT, LEASE, Token};
use crate::rates::Time;

/// The number of responses that are kept.
const MOST: usize = 10_000;
/// The bytes of all of them.
const MOST_BYTES: usize = 32 << 20;
/// What a response takes besides its bytes, about.
const OVERHEAD: usize = 256;

type Name = [u8; 32];

/// The keys of this process.
pub(super) struct MemoryReplays {
    table: Mutex<Table>,
    time: Time,
}

#[derive(Default)]
struct Table {
    all: HashMap<Name, Entry>,
    /// The names of what is kept, with the time at which it ends: the first is the oldest.
    kept: VecDeque<(Name, Duration)>,
    bytes: usize,
}

struct Entry {
    content: [u8; 32],
    ends: Duration,
    state: State,
}

enum State {
    Running(Token),
    Ended(Bytes),
}

impl MemoryReplays {
    pub(super) fn new(time: Time) -> Self {
        Self { table: Mutex::default(), time }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn claim(&self, call: &Call, token: &Token) -> Found {
        let (now, mut table) = ((self.time)(), self.table());
        table.forget(now, 0);
        let known = table.all.get(&call.name).filter(|entry| entry.ends > now);
        match known {
            Some(entry) if entry.content != call.content => return Found::OfAnotherCall,
            Some(Entry { state: State::Ended(given), .. }) => return Found::Ended(given.clone()),
            Some(Entry { state: State::Running(_), .. }) => return Found::Running,
            None => {}
        }
        let state = State::Running(*token);
        table.all.insert(call.name, Entry { content: call.content, ends: now + LEASE, state });
        Found::Free
    }

    pub(super) fn renew(&self, call: &Call, token: &Token) {
        let (now, mut table) = ((self.time)(), self.table());
        if let Some(entry) = table.all.get_mut(&call.name).filter(|entry| entry.is_of(token)) {
            entry.ends = now + LEASE;
        }
    }

    pub(super) fn release(&self, call: &Call, token: &Token) {
        let mut table = self.table();
        if table.all.get(&call.name).is_some_and(|entry| entry.is_of(token)) {
            table.all.remove(&call.name);
        }
    }

    pub(super) fn keep(&self, call: &Call, token: &Token, given: &Bytes) {
        let (now, mut table) = ((self.time)(), self.table());
        // After its lease another call may have taken the key.
        if table.all.get(&call.name).is_some_and(|entry| !entry.is_of(token)) {
            return;
        }
        let ends = now + KEPT;
        table.bytes += given.len() + OVERHEAD;
        table.kept.push_back((call.name, ends));
        let state = State::Ended(given.clone());
        table.all.insert(call.name, Entry { content: call.content, ends, state });
        table.forget(now, 1);
    }

    /// The number of keys, and the bytes of what is kept.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        let table = self.table();
        assert_eq!(
            table.kept.len(),
            table.all.values().filter(|entry| matches!(entry.state, State::Ended(_))).count()
        );
        (table.all.len(), table.bytes)
    }
}

impl Entry {
    fn is_of(&self, token: &Token) -> bool {
        matches!(&self.state, State::Running(own) if own == token)
    }
}

impl Table {
    /// Lets go what has ended, and beyond the bounds what is oldest, but never the last `spared`.
    fn forget(&mut self, now: Duration, spared: usize) {
        while self.kept.len() > spared
            && let Some((name, ends)) = self.kept.front().copied()
            && (ends <= now || self.kept.len() > MOST || self.bytes > MOST_BYTES)
        {
            self.kept.pop_front();
            if let Some(Entry { state: State::Ended(given), .. }) = self.all.remove(&name) {
                self.bytes -= given.len() + OVERHEAD;
            }
        }
        // A call whose future was dropped with its runtime says nothing.
        if self.all.len() - self.kept.len() > MOST {
            self.all.retain(|_, entry| entry.ends > now);
        }
    }
}

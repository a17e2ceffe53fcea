//! The steps of a read.

use crate::scenario::{Flaw, Scenario};
use crate::state::{Entry, Found, Phase, Reader, Seen, TOKENS, World};

/// A key that a read reads in a step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The value.
    Value,
    /// The token of this index.
    Token(usize),
}

/// How a read ended, in the step where that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The stored value was returned.
    Hit,
    /// The function ran, and its value was not to be stored.
    Bypass,
}

impl Reader {
    /// Whether the read under way, or the next one, has yet to read `key`.
    pub(crate) fn may_read(&self, key: Key) -> bool {
        let unread = match key {
            Key::Value => self.found == Found::Unread,
            Key::Token(t) => self.seen[t] == Seen::Unread,
        };
        match self.phase {
            Phase::Idle => self.left > 0,
            Phase::Reading => unread,
            Phase::Running { .. } | Phase::Stamping { .. } => false,
        }
    }

    /// Whether everything was read and token `t` is to be created.
    pub(crate) fn may_create(&self, t: usize) -> bool {
        self.phase == Phase::Reading && self.complete() && self.seen[t] == Seen::Absent
    }

    /// Forgets the read under way.
    pub(crate) fn finish(&mut self) {
        *self = Self { left: self.left, stuck: self.stuck, ..Self::default() };
    }

    fn complete(&self) -> bool {
        self.found != Found::Unread && !self.seen.contains(&Seen::Unread)
    }

    /// The stamp of the tokens seen, if all were there.
    pub(crate) fn stamp(&self) -> Option<[u8; TOKENS]> {
        let mut stamp = [0; TOKENS];
        for (part, seen) in stamp.iter_mut().zip(self.seen) {
            let Seen::Generation(generation) = seen else { return None };
            *part = generation;
        }
        Some(stamp)
    }

    /// Drops a value that can no longer be a hit, and with it what only a hit needs.
    fn judge(&mut self) {
        let differs = |stamp: [u8; TOKENS]| {
            let mut pairs = self.seen.iter().zip(stamp);
            pairs.any(|(seen, part)| matches!(seen, Seen::Generation(now) if *now != part))
        };
        if self.seen.contains(&Seen::Absent)
            || matches!(self.found, Found::Entry(entry) if differs(entry.stamp))
        {
            self.found = Found::Nothing;
        }
        if self.found == Found::Nothing {
            self.floor = 0;
        }
    }
}

impl World {
    /// Looks at one key. The first look is the start of the read: an earlier start would promise less.
    pub(crate) fn read(&mut self, r: usize, key: Key, scenario: &Scenario) -> Option<End> {
        let mut reader = self.readers[r];
        let run = self.run_of(&reader, scenario.flaw);
        if reader.phase == Phase::Idle {
            reader.left -= 1;
            reader.phase = Phase::Reading;
            reader.floor = self.lowest(scenario.promise);
        }
        match key {
            Key::Value => {
                reader.found = match self.keys.value {
                    Some(entry) if entry.run == run => Found::Entry(entry),
                    _ => Found::Nothing,
                };
            }
            Key::Token(t) => {
                reader.seen[t] = self.view(t, scenario);
                if scenario.flaw == Flaw::StoreUnderMark && self.keys.tokens[t].holds(u8::MAX) {
                    reader.found = Found::Nothing;
                }
            }
        }
        reader.judge();
        let mut end = None;
        if reader.seen.contains(&Seen::Marked) {
            end = Some(End::Bypass);
        } else if reader.complete() {
            match reader.found {
                Found::Entry(entry) => {
                    end = Some(End::Hit);
                    self.broken |= entry.version < reader.floor;
                }
                _ if reader.seen.contains(&Seen::Absent) => {}
                _ => reader.phase = Phase::Running { run },
            }
        }
        if end.is_some() {
            reader.finish();
        }
        self.readers[r] = reader;
        end
    }

    /// Creates a token that was absent and reads what is there afterwards.
    pub(crate) fn create(&mut self, r: usize, t: usize, scenario: &Scenario) -> Option<End> {
        let run = self.run_of(&self.readers[r], scenario.flaw);
        self.keys.tokens[t] = self.keys.tokens[t].create(scenario.flaw);
        let seen = self.view(t, scenario);
        let reader = &mut self.readers[r];
        reader.seen[t] = seen;
        if seen == Seen::Marked {
            reader.finish();
            return Some(End::Bypass);
        }
        if reader.stamp().is_some() {
            reader.phase = Phase::Running { run };
        }
        None
    }

    /// Runs the function, which answers the read; the value sets out to the server afterwards.
    pub(crate) fn run(&mut self, r: usize, run: u8, flaw: Flaw) {
        let version = self.version;
        let reader = &mut self.readers[r];
        if flaw == Flaw::StampAfterRun {
            reader.phase = Phase::Stamping { version };
            reader.seen = [Seen::Unread; TOKENS];
            return;
        }
        let stamp = reader.stamp();
        reader.finish();
        if let Some(stamp) = stamp {
            self.send(Entry { run, stamp, version });
        }
    }

    /// Stamps a value with the tokens of now, which is wrong.
    pub(crate) fn stamp(&mut self, r: usize, version: u8, scenario: &Scenario) {
        let run = self.run;
        for t in 0..TOKENS {
            self.readers[r].seen[t] = self.view(t, scenario);
        }
        let stamp = self.readers[r].stamp();
        self.readers[r].finish();
        if let Some(stamp) = stamp {
            self.send(Entry { run, stamp, version });
        }
    }

    fn send(&mut self, entry: Entry) {
        if let Some(free) = self.fills.iter_mut().find(|fill| fill.is_none()) {
            *free = Some(entry);
        }
    }
}

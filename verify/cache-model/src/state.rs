//! A state of the model: the server, the database, and where every reader and mutation is.

use crate::program::Op;
use crate::scenario::{Faults, Flaw, Mode, Promise, Scenario};
use crate::token::{ABSENT, Generation, SPECIAL, Token, UNKNOWN};

/// The most readers a scenario may have.
pub const READERS: usize = 3;
/// The most mutations a scenario may have.
pub const MUTATIONS: usize = 3;
/// The most fills that may be under way: one for each read.
pub const FILLS: usize = 6;
/// The tokens in the cover of the one entry.
pub const TOKENS: usize = 2;

/// A state. Versions of the database count commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// Commits so far; also what the function returns now.
    pub version: u8,
    /// The version that [`Promise::AfterLease`] or [`Promise::AfterAnswer`] asks of a read that begins now.
    pub floor: u8,
    /// Restarts so far: the run id of the server.
    pub run: u8,
    /// What the server holds.
    pub keys: Keys,
    /// What the last snapshot holds, as long as a restart may still come.
    pub snapshot: Option<Keys>,
    /// Readers; they are alike, so they are kept sorted.
    pub readers: [Reader; READERS],
    /// Values on their way to the server, sorted.
    pub fills: [Option<Entry>; FILLS],
    /// Mutations, in the order of the scenario's programs.
    pub mutations: [Mutation; MUTATIONS],
    /// Faults that may still happen.
    pub faults: Faults,
    /// Whether a hit broke the promise. Nothing follows such a state.
    pub broken: bool,
}

/// The keys of the context on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keys {
    /// The stored value.
    pub value: Option<Entry>,
    /// The tokens of its cover.
    pub tokens: [Token; TOKENS],
}

/// A stored value with its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The run id in the stamp.
    pub run: u8,
    /// The generations in the stamp.
    pub stamp: [Generation; TOKENS],
    /// The value itself.
    pub version: u8,
}

/// A reader, somewhere between its first and its last read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reader {
    /// Reads it has not begun.
    pub left: u8,
    /// Where the read under way is.
    pub phase: Phase,
    /// The lowest version that a hit of the read under way may return.
    pub floor: u8,
    /// What was found under the key of the value.
    pub found: Found,
    /// What was found under the keys of the tokens.
    pub seen: [Seen; TOKENS],
    /// Whether this instance has [`Flaw::GlobalRunId`].
    pub stuck: bool,
}

/// The phases of a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// No read is under way.
    #[default]
    Idle,
    /// The value and the tokens are read one by one, in any order; absent tokens are then created.
    Reading,
    /// A miss: the function is about to read the database.
    Running {
        /// The run id of the connection that read the tokens.
        run: u8,
    },
    /// Only with [`Flaw::StampAfterRun`]: the function ran, and tokens are about to be read.
    Stamping {
        /// What the function returned.
        version: u8,
    },
}

/// What a read knows of the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// It was not read yet.
    #[default]
    Unread,
    /// There is none, or it cannot be a hit any more.
    Nothing,
    /// A value that is a hit if the rest of its stamp is found as well.
    Entry(Entry),
}

/// What a read knows of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// It was not read yet.
    #[default]
    Unread,
    /// It was absent, and has to be created before the function runs.
    Absent,
    /// The generation for the stamp.
    Generation(Generation),
    /// A mark: this read bypasses the cache. A reader never keeps this, since the read is over then.
    Marked,
}

/// A mutation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mutation {
    /// The next step of its program.
    pub at: u8,
    /// Whether its process lives.
    pub life: Life,
    /// Whether its lease is over. One call of the script sets all its marks, so they end together.
    pub over: bool,
    /// The version it committed, until the floor has risen to it; not kept where no promise needs it.
    pub commit: u8,
}

/// Whether a process lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Life {
    /// It does.
    #[default]
    Alive,
    /// It was killed.
    Dead,
    /// It was killed after it had sent the commit, which the database has not carried out yet.
    Committing,
}

impl World {
    /// The state before anything happened.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut readers = [Reader::default(); READERS];
        for (index, reader) in readers.iter_mut().rev().take(scenario.readers).enumerate() {
            reader.left = scenario.reads;
            reader.stuck = scenario.flaw == Flaw::GlobalRunId && index == 0;
        }
        let deletes = scenario.programs.iter().any(|program| program.contains(&Op::Delete));
        let token = if deletes { Token::Generation(1) } else { Token::Absent };
        Self {
            version: 0,
            floor: 0,
            run: 0,
            keys: Keys { value: None, tokens: [token; TOKENS] },
            snapshot: None,
            readers,
            fills: [None; FILLS],
            mutations: [Mutation::default(); MUTATIONS],
            faults: scenario.faults,
            broken: false,
        }
    }

    /// The bits of the mutations whose leases are over.
    pub(crate) fn over(&self) -> u8 {
        (0..MUTATIONS).filter(|&m| self.mutations[m].over).fold(0, |over, m| over | 1 << m)
    }

    /// Whether a key, now or in the snapshot, holds a mark of mutation `m`.
    pub(crate) fn marked(&self, m: usize) -> bool {
        let holds = |keys: &Keys| keys.tokens.iter().any(|token| token.holds(1 << m));
        holds(&self.keys) || self.snapshot.as_ref().is_some_and(holds)
    }

    /// The lowest version that a hit may return if its read begins now.
    pub(crate) fn lowest(&self, promise: Promise) -> u8 {
        if promise == Promise::Linearizable { self.version } else { self.floor }
    }

    /// What a read makes of token `t` as it is now.
    pub(crate) fn view(&self, t: usize, scenario: &Scenario) -> Seen {
        match self.keys.tokens[t] {
            Token::Absent if scenario.flaw == Flaw::AbsentAsStamp => Seen::Generation(ABSENT),
            Token::Absent => Seen::Absent,
            Token::Generation(generation) => Seen::Generation(generation),
            Token::Mark { who, .. } if scenario.flaw == Flaw::MarkAsStamp => {
                Seen::Generation(SPECIAL | who)
            }
            Token::Mark { old, who }
                if scenario.mode == Mode::Session
                    && old != UNKNOWN
                    && (who & self.over() == 0 || scenario.flaw == Flaw::IgnoresLease) =>
            {
                Seen::Generation(old)
            }
            Token::Mark { old, .. } if scenario.flaw == Flaw::StoreUnderMark && old != UNKNOWN => {
                Seen::Generation(old)
            }
            Token::Mark { .. } => Seen::Marked,
        }
    }

    /// The run id that a read of this reader puts into a stamp, and asks of one.
    pub(crate) fn run_of(&self, reader: &Reader, flaw: Flaw) -> u8 {
        if flaw == Flaw::NoRunId || reader.stuck { 0 } else { self.run }
    }
}

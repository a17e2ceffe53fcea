//! The state machine of one token: what the script of the protocol does to one key.

use crate::scenario::Flaw;

/// The random part of a token. Only equality matters, so a small number stands for 128 random bits.
pub type Generation = u8;

/// The `-` that a mark carries where the generation before it is not known, or no longer to be trusted.
pub const UNKNOWN: Generation = 0;

/// A generation that was drawn in the step under way; it gets a small number at the end of the step.
pub const FRESH: Generation = u8::MAX;

/// The first of the codes that only wrong variants put into a stamp; they are never renamed.
pub const SPECIAL: Generation = 0x60;

/// What the wrong variant [`Flaw::AbsentAsStamp`] writes into a stamp for a token that is absent.
pub const ABSENT: Generation = SPECIAL;

/// What the key of a token holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// Nothing: never written, evicted, or out of its time to live.
    #[default]
    Absent,
    /// `G…`: nothing covered by this token is being written.
    Generation(Generation),
    /// `P;old;id@exp;…`: the mutations in `who` may commit at any moment.
    Mark {
        /// The generation before the mark, or [`UNKNOWN`].
        old: Generation,
        /// One bit for each mutation that has a lease in this mark.
        who: u8,
    },
}

/// The operations of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sets a mark, or renews the lease of one.
    Begin,
    /// Takes the mark back and changes the generation.
    End,
    /// Takes the mark back and leaves the generation: allowed while nothing was committed under it.
    Cancel,
    /// Takes marks away whose leases are over; any reader may ask for it.
    Resolve,
}

impl Token {
    /// Applies `command` for the mutation with the bit `me`, where `over` has the bits of the mutations
    /// whose leases are over by the clock of the server.
    ///
    /// This follows the script line by line, `cut` included: where the lease of another mutation is found
    /// to be over, that mutation may have committed, so the generation before the mark is forgotten.
    #[must_use]
    pub fn apply(self, command: Command, me: u8, over: u8, flaw: Flaw) -> Self {
        let (old, who, marked) = match self {
            Self::Absent => (UNKNOWN, 0, false),
            Self::Generation(old) => (old, 0, false),
            Self::Mark { old, who } => (old, who, true),
        };
        let fresh = if flaw == Flaw::Counters { old + 1 } else { FRESH };
        let others = who & !me;
        let cut = others & over != 0 && flaw != Flaw::NoCut && flaw != Flaw::Counters;
        let mut live = others & !over;
        let mut kept = if cut { UNKNOWN } else { old };
        match command {
            Command::Begin => live |= me,
            Command::End if flaw != Flaw::EndKeepsOld || live == 0 => kept = fresh,
            Command::End | Command::Cancel | Command::Resolve => {}
        }
        if command == Command::End && flaw == Flaw::EndOnlyOwn && who & me == 0 {
            return self;
        }
        if live != 0 {
            return Self::Mark { old: kept, who: live };
        }
        match command {
            Command::End => Self::Generation(fresh),
            Command::Cancel if marked && kept != UNKNOWN => Self::Generation(kept),
            Command::Resolve if marked && flaw == Flaw::ResolveKeepsOld && old != UNKNOWN => {
                Self::Generation(old)
            }
            _ if marked => Self::Generation(fresh),
            _ => self,
        }
    }

    /// What `SET … NX` by a reader leaves.
    #[must_use]
    pub fn create(self, flaw: Flaw) -> Self {
        match self {
            Self::Absent if flaw == Flaw::Counters => Self::Generation(1),
            Self::Absent => Self::Generation(FRESH),
            present => present,
        }
    }

    /// Whether this mark holds a lease of one of `who`.
    #[must_use]
    pub fn holds(self, who: u8) -> bool {
        matches!(self, Self::Mark { who: marked, .. } if marked & who != 0)
    }
}

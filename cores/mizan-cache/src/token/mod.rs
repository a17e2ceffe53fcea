//! The state of one token, and what may happen to it: the heart of the protocol, free of I/O.
//!
//! ```text
//!             Begin                          End, others left
//!  (absent) ───────────►  Marked ───────────────────────────► Marked (fresh generation)
//!     ▲ │ a reader           ▲ │
//!     │ ▼                    │ │ End of the last one, or Resolve when every lease is over
//!     Open(generation)  ◄────┴─┘
//! ```
//!
//! A generation is never used twice, and no path leads back to an earlier one, but for `Cancel`,
//! which takes back a mark under which nothing was changed. A store that shares tokens between
//! processes does the same on their texts, in a script of its own.
//!
//! The functions are `#[inline]`, so that a crate of tests compiles them for itself, optimised.

mod text;

/// What a token's value is as long as nothing that it covers changes. Never used twice.
pub type Generation = u128;

/// Who holds a mark: one mutation.
pub type MarkId = u64;

/// Which shapes a build of the application knows: a digest of them.
pub type BuildId = u32;

/// How long after it joined a build is forgotten by the next mutation of another one, in
/// milliseconds. Where it still reads, it joins again.
pub const BUILD_MEMORY: u64 = 600_000;

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Open, or marked by mutations that are under way.
    pub state: State,
    /// The builds that read by this token, with the time at which each joined. Kept in the broad
    /// token of a context only.
    pub builds: Vec<(BuildId, u64)>,
}

/// Whether something that a token covers is changing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing is.
    Open(Generation),
    /// Something is, until every lease is over.
    Marked {
        /// The generation from before the marks, where no mutation has died since.
        last: Option<Generation>,
        /// Who holds a mark, and until when, in milliseconds of the store's clock.
        leases: Vec<(MarkId, u64)>,
    },
}

/// What happens to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// A mutation is about to run, or goes on: its lease begins again.
    Begin,
    /// A mutation has ended. Always changes the generation.
    End,
    /// A reader has seen leases that look over.
    Resolve,
    /// A mutation takes its mark back before it has changed anything.
    Cancel,
    /// A build reads by this token from now on. Where the token does not know it, it is marked for one
    /// lease: mutations that do not know of the build end or renew within that time.
    Join,
}

/// An operation with everything that it depends on.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// What happens.
    pub op: Op,
    /// The mutation.
    pub id: MarkId,
    /// A generation that was never used.
    pub fresh: Generation,
    /// The build of the caller.
    pub build: BuildId,
    /// How long a lease lasts, in milliseconds.
    pub lease: u64,
    /// How long a mark stays after its end, in milliseconds.
    pub settle: u64,
}

impl Change {
    /// What a token becomes; `None` where it stays as it is. `broad` is true for the one that
    /// covers every entry of its context.
    #[inline]
    pub fn apply(&self, token: Option<&Token>, broad: bool, now: u64) -> Option<Token> {
        let known = token.map_or(&[][..], |token| &token.builds);
        let mut builds: Vec<(BuildId, u64)> = Vec::new();
        if broad {
            let keeps = |build: &&(BuildId, u64)| self.op == Op::Join || self.remembers(build, now);
            builds.extend(known.iter().filter(keeps));
            if token.is_none() || self.op == Op::Join {
                builds.retain(|(build, _)| *build != self.build);
                builds.push((self.build, now));
            }
        }
        let (mut last, mut leases) = match token.map(|token| &token.state) {
            None => (None, Vec::new()),
            Some(State::Open(generation)) => (Some(*generation), Vec::new()),
            Some(State::Marked { last, leases }) => (*last, leases.clone()),
        };
        let marked = matches!(token.map(|token| &token.state), Some(State::Marked { .. }));
        let mine = leases.iter().any(|(id, _)| *id == self.id);
        let before = leases.len();
        // What was sent twice finds its own lease, which a join leaves as it is.
        let own = |id: MarkId| id == self.id && self.op != Op::Join;
        leases.retain(|(id, until)| own(*id) || *until > now);
        // A mutation that died may have changed something.
        let dead = leases.len() < before;
        if dead {
            last = None;
        }
        match self.op {
            Op::Resolve | Op::Join => {}
            _ => leases.retain(|(id, _)| *id != self.id),
        }
        match self.op {
            Op::Begin => leases.push((self.id, now + self.lease)),
            Op::End => {
                last = Some(self.fresh);
                if self.settle > 0 {
                    leases.push((self.id, now + self.settle));
                }
            }
            Op::Resolve => {
                leases.retain(|(_, until)| *until > now);
                if !marked || (!leases.is_empty() && !dead) {
                    return None;
                }
                last = last.filter(|_| !leases.is_empty());
            }
            // A build that may not know the narrower tokens needs this mark.
            Op::Cancel if !mine || (broad && self.is_foreign_to(token)) => return None,
            Op::Cancel => {}
            // It is there already, so no mutation misses it.
            Op::Join if known.iter().any(|(build, _)| *build == self.build) => {}
            Op::Join => {
                last = None;
                leases.push((self.id, now + self.lease));
            }
        }
        let state = if leases.is_empty() {
            State::Open(last.unwrap_or(self.fresh))
        } else {
            State::Marked { last, leases }
        };
        Some(Token { state, builds })
    }

    /// Whether an operation on narrower tokens must go for the broad one too: it holds a mark of
    /// this mutation, or a build reads that may not know these narrower tokens. Such a build may also
    /// create it while this mutation is under way, so a begin does not leave it absent.
    #[inline]
    pub fn goes_for_broad(&self, token: Option<&Token>) -> bool {
        let Some(token) = token else { return self.op == Op::Begin };
        let mine = match &token.state {
            State::Marked { leases, .. } => leases.iter().any(|(id, _)| *id == self.id),
            State::Open(_) => false,
        };
        mine || self.is_foreign_to(Some(token))
    }

    /// Whether another build is in a token. However long ago it joined, it may read by it still:
    /// it is forgotten by an operation that applies to this token, which that build sees.
    #[inline]
    fn is_foreign_to(&self, token: Option<&Token>) -> bool {
        token.is_some_and(|token| token.builds.iter().any(|(build, _)| *build != self.build))
    }

    #[inline]
    fn remembers(&self, (build, joined): &(BuildId, u64), now: u64) -> bool {
        *build == self.build || joined.saturating_add(BUILD_MEMORY) > now
    }
}

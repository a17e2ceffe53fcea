//! What a mutation does, one step after the other; wrong orders are programs like the right ones.

/// The steps of a mutation.
pub type Program = &'static [Op];

/// A step of a mutation. Scopes are sets of tokens: [`A`], [`B`] or [`AB`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Marks these tokens and waits for the reply.
    Begin(u8),
    /// Commits to the database.
    Commit,
    /// Takes the marks back and changes the generations of these tokens.
    End(u8),
    /// Takes the marks back and leaves the generations: `narrow`, before anything is committed.
    Cancel(u8),
    /// Deletes the stored value, as the published implementation does.
    Delete,
    /// Answers the caller.
    Answer,
}

/// The first token of the entry's cover, the narrow one.
pub const A: u8 = 1;
/// The second token of the entry's cover, the broad one.
pub const B: u8 = 2;
/// Both: the script gets all keys of a context at once.
pub const AB: u8 = A | B;

/// A mutation of the scope {A}.
pub const NARROW: Program = &[Op::Begin(A), Op::Commit, Op::End(A), Op::Answer];
/// A mutation of the scopes {A, B}.
pub const BROAD: Program = &[Op::Begin(AB), Op::Commit, Op::End(AB), Op::Answer];
/// A mutation of the scope {B}.
pub const WIDE: Program = &[Op::Begin(B), Op::Commit, Op::End(B), Op::Answer];
/// The mutation of {A, B}, where each token lives in a slot of its own, so that marks are set and taken one by one.
pub const SPLIT: Program =
    &[Op::Begin(A), Op::Begin(B), Op::Commit, Op::End(A), Op::End(B), Op::Answer];
/// A mutation that marked the broad token, and whose body narrows to A before it commits.
pub const NARROWED: Program =
    &[Op::Begin(B), Op::Begin(A), Op::Cancel(B), Op::Commit, Op::End(A), Op::Answer];
/// A mutation that marked the broad token, and whose body narrows to something that is not this entry.
pub const AWAY: Program = &[Op::Begin(B), Op::Cancel(B), Op::Answer];

/// The tokens that a mutation has marked and not taken back before its step `at`.
pub(crate) fn held(program: Program, at: u8) -> u8 {
    program.iter().take(at.into()).fold(0, |held, op| match op {
        Op::Begin(scopes) => held | scopes,
        Op::End(scopes) | Op::Cancel(scopes) => held & !scopes,
        Op::Commit | Op::Delete | Op::Answer => held,
    })
}

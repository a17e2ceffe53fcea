//! How far a function looks at its request.

/// How far a function looks, from its request parameter. The widest member decides for its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// State and arguments: one answer for everybody.
    Public,
    /// The caller's identity too: one answer per user.
    User,
    /// Headers, cookies and peer too: never cached.
    Raw,
}

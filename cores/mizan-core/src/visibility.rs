//! How far a function reads its request.

/// How far a function looks, from its request parameter. The widest member decides for its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// State and arguments: one response for everyone.
    Public,
    /// The caller's identity too: one response per user.
    User,
    /// Headers, cookies and peer too: never cached.
    Raw,
}

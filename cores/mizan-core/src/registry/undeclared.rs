//! An effect that a call has and does not declare.

use std::fmt;

/// A call that changed what it did not declare: one member of one entry that a user had read.
///
/// Found in debug builds, where the graph checks itself
/// ([`Builder::check_effects`](crate::Builder::check_effects)).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UndeclaredEffect {
    /// The wire name of the function that was called.
    pub function: String,
    /// The wire name of the context.
    pub context: String,
    /// The member of the context whose value differs.
    pub member: String,
    /// What was called, what differs, and what to write.
    pub report: String,
}

impl fmt::Display for UndeclaredEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}

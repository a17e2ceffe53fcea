//! What a mutation makes stale, as values: one list for body and header.

mod announced;
pub mod invalidate_header;
mod target;

pub(crate) use announced::Announced;
pub(crate) use target::checked_target;

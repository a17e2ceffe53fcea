//! Descriptors that were linked into this binary.

use super::Function;

/// Descriptors that were linked into this binary; `#[client]` adds to it.
#[linkme::distributed_slice]
pub static FUNCTIONS: [fn() -> Function];

//! Everything the generator promises, through the library or the program as users have it.

// Clippy knows test functions, not the helpers that they call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod affects;
mod check_mode;
mod config;
mod diagnostics;
mod frameworks_check;
mod golden;
mod hostile;
mod parsed;
mod project;
mod random;
mod stable;
mod types_check;
mod unknowns;
mod watch;
mod writer;

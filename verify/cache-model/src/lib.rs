//! A model of the cache protocol (`docs/caching.md`), small enough to read every state it can reach.
//!
//! Nothing here is used by a server. The tests walk through the model with a checker and see whether some
//! order of steps lets a reader find a stale value. They answer what a test against a real server cannot:
//! not "it did not happen in so many tries", but "there is no such order".
//!
//! # What is in the model
//!
//! * **One entry**, covered by two tokens: A, the narrow one, and B, the broad one. ([`state`])
//! * **Tokens** with the three states and the script of the protocol: BEGIN, END and RESOLVE, and CANCEL,
//!   which `narrow` uses to take a mark back before anything was committed. ([`token`])
//! * **Readers**, each with a few reads. The value and each token are checked in steps of their own, in
//!   any order, so nothing rests on `MGET` being atomic. Absent tokens are created; then the function looks
//!   at the database in one step, and the value sets out to the server, where it arrives at any later time
//!   or never. Any reader may ask for RESOLVE at any time.
//! * **Mutations**, whose steps are a [`program`]: BEGIN, commit, END and answer are steps of their own, so
//!   wrong orders are programs too. Each commit changes the value of the entry.
//! * **Leases** without a clock: that a lease is over is a step that may happen at any time allowed. The
//!   lease rule says when: a living process renews its lease, and the commit of one that was killed lands
//!   before its lease is over, or never.
//! * **Faults**, each as often as the [`scenario`] allows: kills at any step, evictions of the value, of a
//!   token and of a mark, snapshots, restarts empty or from a snapshot, and leases that are over while the
//!   process lives. The run id is the number of restarts; a restart ends every read that talks to the server.
//!
//! # What is checked
//!
//! Commits are numbered, and the function returns the number of the last one. So each promise of the table
//! of failures is a number below which no hit may lie, taken when its read begins
//! ([`scenario::Promise`]): the last commit of all (*linearizable*), the last one of a mutation that has
//! answered or has died and outlived its lease (*after the lease*), or the last one of a mutation that has
//! answered (*after the response*). Misses and bypasses ask the function within the read and need no check.
//!
//! Besides, hits, bypasses and every fault have to happen: a promise about hits holds of a cache without any.
//!
//! # Where the tests are
//!
//! `tests/it/holds.rs` has the promises, `limits.rs` the losses that the protocol admits, `breaks.rs` the
//! mistakes that the checker must find, each one change away from a scenario that holds. `deep.rs` has the
//! larger casts, for `cargo xtask deep`. With `--nocapture` each scenario prints what it looked at, and the
//! broken ones the steps that lead to the stale hit.
//!
//! # What is not in the model
//!
//! Two keys or contexts at once (a hit reads one entry and its cover); shapes, that is, whether the cover
//! is the right one (the oracle of mizan-core checks that); commands that arrive twice or late, other than
//! fills; leases of one mutation that end at different times; mutations that fail, which are mutations whose
//! commit changes nothing; and several Redis servers at once.

mod action;
mod canonical;
mod explore;
mod model;
mod mutate;
pub mod program;
mod properties;
mod read;
pub mod scenario;
pub mod state;
pub mod token;

pub use action::Action;
pub use explore::{Report, explore};
pub use read::Key;

//! The server cache over HTTP: real processes with the cache of their memory and with a real Redis.
//!
//! The application `cache` works on a database of files that processes share. A test sets traps in
//! its functions, so what comes before what is decided and not left to sleeps. Tests that need a
//! Redis are run by `cargo xtask test`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a case fails by a panic")]

mod budget;
mod commands;
mod crowd;
mod deploys;
mod entries;
mod failures;
mod guards;
mod interrupted;
mod outages;
mod policies;
mod queries;
mod races;
mod scopes;
mod settings;
mod spoken;
mod support;
mod traps;

use crate::case::Case;

/// Adds the cases of every module.
pub(crate) fn cases(cases: &mut Vec<Case>) {
    budget::cases(cases);
    commands::cases(cases);
    crowd::cases(cases);
    deploys::cases(cases);
    entries::cases(cases);
    failures::cases(cases);
    guards::cases(cases);
    interrupted::cases(cases);
    outages::cases(cases);
    policies::cases(cases);
    queries::cases(cases);
    races::cases(cases);
    scopes::cases(cases);
    settings::cases(cases);
    spoken::cases(cases);
}

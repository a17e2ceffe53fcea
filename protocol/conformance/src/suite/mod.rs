//! The application of the vectors, judged by what it answers over a socket.
//!
//! The module `faults` mistreats the application `probe`, whose functions are not part of the vectors.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a case fails by a panic")]

mod beside;
mod connections;
mod csrf;
mod exchanges;
mod faults;
pub(crate) mod hostile;
mod paths;
mod routes;
mod slow;
mod starting;
pub(crate) mod support;

use crate::case::Case;

/// Adds the cases of every module.
pub(crate) fn cases(cases: &mut Vec<Case>) {
    beside::cases(cases);
    connections::cases(cases);
    csrf::cases(cases);
    exchanges::cases(cases);
    faults::cases(cases);
    hostile::cases(cases);
    paths::cases(cases);
    routes::cases(cases);
    slow::cases(cases);
    starting::cases(cases);
}

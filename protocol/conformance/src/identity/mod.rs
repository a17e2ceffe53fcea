//! Who is calling, over HTTP against real processes: the sequences that break other systems.
//!
//! The application `identity` signs in any user that is named, so a test holds every kind of
//! credential. Tests that need a Redis are run by `cargo xtask test`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a case fails by a panic")]

mod cookies;
mod csrf;
mod edge;
mod floods;
mod forgeries;
mod guards;
mod leaks;
mod logout;
mod matrix;
mod outages;
mod refresh;
mod rights;
mod rotation;
mod settings;
mod support;

use crate::case::Case;

/// Adds the cases of every module.
pub(crate) fn cases(cases: &mut Vec<Case>) {
    cookies::cases(cases);
    csrf::cases(cases);
    edge::cases(cases);
    floods::cases(cases);
    forgeries::cases(cases);
    guards::cases(cases);
    leaks::cases(cases);
    logout::cases(cases);
    matrix::cases(cases);
    outages::cases(cases);
    refresh::cases(cases);
    rights::cases(cases);
    rotation::cases(cases);
    settings::cases(cases);
}

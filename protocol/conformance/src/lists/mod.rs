//! Lists that come in pages, several reads in one request, and what a call brings for the page.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a case fails by a panic")]

mod batch;
mod pages;
mod refresh;
mod support;

use crate::case::Case;

/// Adds the cases of every module.
pub(crate) fn cases(cases: &mut Vec<Case>) {
    pages::cases(cases);
    batch::cases(cases);
    refresh::cases(cases);
}

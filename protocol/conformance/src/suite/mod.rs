//! The black-box suite: one program under test, judged by what it answers over a socket.
//!
//! `MIZAN_CONFORMANCE_APP` names another program to test instead of `conformance-actix`. The module
//! `faults` mistreats `probe-actix`, whose functions are not part of the vectors.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by a panic, and most of its code is not in the function marked as one"
)]

mod beside;
mod connections;
mod csrf;
mod exchanges;
mod faults;
mod hostile;
mod paths;
mod routes;
mod slow;
mod starting;
mod support;

//! The core from outside, without a socket.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod accounts;
mod arguments;
mod batch;
mod cache;
mod calls;
mod cover;
mod declared;
mod disclosed;
mod each;
mod graph;
mod guards;
mod lists;
mod oracle;
mod params;
mod places;
mod probes;
mod rates;
#[cfg(feature = "redis")]
mod redis;
mod refresh;
mod replays;
mod report;
#[cfg(all(feature = "check-results", debug_assertions))]
mod results;
mod roles;
mod routes;
mod scopes;
mod sessions;
mod support;
mod timeouts;
#[cfg(feature = "redis")]
mod two_processes;
mod unchanged;
#[cfg(debug_assertions)]
mod undeclared;
mod values;
mod vectors;
mod webhooks;

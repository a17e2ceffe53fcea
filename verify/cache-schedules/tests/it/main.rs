//! The promises of the cache, in random schedules.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod deep;
mod defects;
mod flight;
mod promises;
mod support;

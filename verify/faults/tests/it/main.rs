//! Every fault, seen from outside by whoever it hits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod orphan;
mod proxy;
mod random;
mod redis;
mod support;

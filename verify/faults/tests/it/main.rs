//! Every fault, as a client sees it from outside.

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

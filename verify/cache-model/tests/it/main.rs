//! The cache protocol, checked in every state that small casts can reach.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod breaks;
mod deep;
mod holds;
mod limits;
mod support;
mod token;

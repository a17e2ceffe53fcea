//! The contract of a store of sessions, in SQLite and in PostgreSQL, by the pools of each and by the one of either.
//!
//! SQLite is a file in a temporary folder. PostgreSQL is the server that `SOUK_TEST_POSTGRES` names; each test has a
//! schema of its own. Two pools stand for two processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod common;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

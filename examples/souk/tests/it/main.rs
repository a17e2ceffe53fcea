//! The market through its one entrance, [`Mizan::accept`](mizan_core::Mizan::accept): every request
//! as a browser sends it, without a socket, on a database of its own.
//!
//! Each test is a plain function in its module; `on_both!` runs it on SQLite, and on
//! PostgreSQL where `SOUK_TEST_POSTGRES` names a server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod accounts;
mod bank;
mod calls;
mod classic;
mod contract;
mod flood;
mod queries;
mod races;
mod reads;
mod refusals;
mod restart;
mod site;
mod staff;
mod start;
mod support;

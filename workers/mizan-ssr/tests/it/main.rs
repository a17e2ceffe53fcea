//! The renderer with real processes. What these tests need of the system is there on Unix.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod basics;
mod faults;
mod lifecycle;
mod orphans;
mod output;
mod support;

//! Conformance: the vectors of the protocol, the applications that a backend under test serves, and
//! one black-box suite over a socket.
//!
//! The suite knows no Rust type of a backend: it starts a program, sends bytes, and judges bytes. Its
//! cases are in [`case::all`], and [`runner`] runs them, by `cargo test` and by `mizan-conformance`.
//! `CONTRACT.md` says how to put another backend under it.

#![warn(missing_docs)]

pub mod app;
pub mod backend;
mod cache;
pub mod case;
pub mod client;
pub mod corpus;
pub mod data;
mod identity;
mod lists;
mod paragraphs;
pub mod runner;
pub mod server;
mod suite;
pub mod tokens;
pub mod vectors;
pub mod wrong;

/// By how much random cases and floods are multiplied: `MIZAN_CONFORMANCE_DEEP`, or 1.
pub fn deep() -> usize {
    let factor = std::env::var("MIZAN_CONFORMANCE_DEEP").ok();
    factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

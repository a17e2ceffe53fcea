//! Conformance: the vectors of the protocol, an application that registers what they describe, and
//! the tools to drive any backend over a socket.
//!
//! The suite itself is in `tests/suite` and knows no Rust type of a backend: it starts a
//! program, sends bytes, and judges bytes. `README.md` says how to put another backend under it.

#![warn(missing_docs)]

pub mod app;
pub mod client;
pub mod data;
pub mod server;
pub mod tokens;
pub mod vectors;

/// By how much random cases and floods are multiplied: `MIZAN_CONFORMANCE_DEEP`, or 1.
pub fn deep() -> usize {
    let factor = std::env::var("MIZAN_CONFORMANCE_DEEP").ok();
    factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

//! Hostile input for Mizan. A target is a function of any bytes that panics where something does not
//! hold; it opens no socket and needs no fuzzer.
//!
//! `fuzz/` gives the targets to libFuzzer; `tests/` runs the corpus and mutations of it in every
//! `cargo test`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a target fails by a panic")]

mod app;
mod body;
mod header;
mod heads;
mod mutate;
mod query;
mod sent;
mod world;

pub use body::json_body;
pub use header::header;
pub use heads::{cookie, jwt, mwt};
pub use mutate::{Rng, mutated};
pub use query::{path, query};

/// A target by its name, which is that of its folder in `corpus/` too.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 7] = [
    ("cookie", cookie),
    ("header", header),
    ("json_body", json_body),
    ("jwt", jwt),
    ("mwt", mwt),
    ("path", path),
    ("query", query),
];

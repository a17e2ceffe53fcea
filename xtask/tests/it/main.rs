//! The commands that a developer of an application lives in, done for real: `dev`, the generator by npm, and the tutorial.

#![cfg(target_os = "linux")]
// Clippy knows test functions, not the helpers that they call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ci;
mod dev;
mod hello;
mod http;
mod launcher;
mod place;
mod running;
mod tutorial;

//! The renderer with real processes. What these tests need of the system is there on Unix.
#![cfg(unix)]

mod basics;
mod faults;
mod lifecycle;
mod orphans;
mod output;
mod support;

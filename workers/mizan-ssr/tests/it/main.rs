//! The renderer with real processes.

mod basics;
mod support;

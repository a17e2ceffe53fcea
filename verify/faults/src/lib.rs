//! Real faults for tests: a Redis of one's own that is killed, stopped and restarted, any other
//! program that ends with its test, a TCP proxy that cuts, stalls and slows down, and seeded random
//! numbers to choose among them.
//!
//! Only the standard library is used, with threads, so that a test of any crate can start it beside
//! whatever runtime it has. Nothing of Mizan is known here: the faults hit whatever speaks to them.
//! All of it is for Unix, and is tested on Linux.

pub mod monitor;
pub mod process;
pub mod proxy;
pub mod random;
pub mod redis;
mod relay;
pub mod resp;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock that a panic elsewhere does not spoil: every state here is whole between two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

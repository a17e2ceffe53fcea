//! The server cache over HTTP: real processes with the cache of their memory and with a real Redis.
//!
//! `cache-actix` is the program, over a database of files that processes share. A test sets traps in
//! its functions, so what comes before what is decided and not left to sleeps. Tests that need a
//! Redis are run by `cargo xtask test`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by a panic, and most of its code is not in the function marked as one"
)]

/// Makes two tests of a check that takes a `Store`.
macro_rules! in_both_stores {
    ($($name:ident)*) => {$(
        mod $name {
            use crate::support::Store;

            #[test]
            fn in_memory() {
                super::$name(Store::Memory);
            }

            #[test]
            #[ignore = "needs redis-server: cargo xtask test"]
            fn in_redis() {
                super::$name(Store::Redis);
            }
        }
    )*};
}

mod budget;
mod commands;
mod crowd;
mod deploys;
mod entries;
mod failures;
mod guards;
mod interrupted;
mod outages;
mod policies;
mod queries;
mod races;
mod scopes;
mod settings;
mod spoken;
mod support;
mod traps;

//! Who is calling, over HTTP against real processes: the sequences that break other systems.
//!
//! `identity-actix` is the program: it signs in any user that is named, so a test holds every kind of
//! credential. Tests that need a Redis are run by `cargo xtask test`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by a panic, and most of its code is not in the function marked as one"
)]

/// Makes two tests of a check that takes a `Store`: one process with sessions in its memory, and two
/// that share a Redis.
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

mod cookies;
mod csrf;
mod edge;
mod floods;
mod forgeries;
mod guards;
mod leaks;
mod logout;
mod matrix;
mod outages;
mod refresh;
mod rights;
mod rotation;
mod settings;
mod support;

#![allow(unused)]

use mizan_core::client;
use time::OffsetDateTime;

#[client]
fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

fn main() {}

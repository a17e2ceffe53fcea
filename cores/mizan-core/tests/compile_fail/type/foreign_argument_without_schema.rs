#![allow(unused)]

use mizan_core::client;
use time::OffsetDateTime;

#[client]
fn remind(at: OffsetDateTime) {}

fn main() {}

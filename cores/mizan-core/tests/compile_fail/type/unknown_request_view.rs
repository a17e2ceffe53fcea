#![allow(unused)]

use mizan_core::client;

struct Session;

#[client]
async fn rename(session: &Session, name: String) {}

fn main() {}

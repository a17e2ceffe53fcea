use std::marker::PhantomData;

use mizan_core::client;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Local(PhantomData<*const u8>);

#[client]
fn keep(local: Local) {}

fn main() {}

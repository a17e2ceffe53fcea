//! Names: which wire names are accepted, how they look in TypeScript, and who owns which.
//!
//! Every identifier and every string of the output is made here or checked here.

mod case;
mod quote;
mod reserved;
mod scope;

pub(crate) use case::{camel, is_wire_name, pascal, type_name};
pub(crate) use quote::{access, is_identifier, key, quote, visible};
pub(crate) use reserved::{escape_reserved, is_reserved};
pub(crate) use scope::{Owner, Scope};

//! The stages of a read and of a call, each for any transport. `accept` puts them in order.

mod call;
mod effects;
mod read;
mod run;

pub(crate) use call::{Planned, guard};
pub(crate) use read::Selection;

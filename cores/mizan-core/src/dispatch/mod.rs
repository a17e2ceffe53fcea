//! The stages of a read and of a call, each for any transport. `accept` puts them in order.

mod call;
mod canonical;
mod disclosure;
mod effects;
mod gather;
mod read;
#[cfg(debug_assertions)]
mod recheck;
mod run;
mod watch;

pub(crate) use call::{Ended, Planned, guard};
pub(crate) use disclosure::Known;
pub(crate) use gather::{Gather, Gathered, Ticket};
pub(crate) use read::{Looked, Members, Selection};
pub(crate) use run::argument_json;
pub(crate) use watch::{WatchedCall, WatchedRead};

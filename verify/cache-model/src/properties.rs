//! What is checked in every state.

use stateright::Property;

use crate::model::Protocol;
use crate::read::{End, Key};
use crate::scenario::Faults;
use crate::state::{Phase, READERS, World};

/// The promise of the scenario, kept by every hit.
pub(crate) const PROMISE: &str = "no hit breaks the promise";
/// Without hits, the promise would hold of a cache that stores nothing.
pub(crate) const HITS: &str = "a hit happens";
/// Without bypasses, no read ever met a mark.
pub(crate) const BYPASSES: &str = "a read bypasses the cache";
/// Without faults, a run with a budget for them shows nothing.
pub(crate) const FAULTS: &str = "every fault happens";

/// All of them. The last three look one step ahead, so that a state need not remember how a read ended.
pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(PROMISE, |_, world: &World| !world.broken),
        Property::sometimes(HITS, |model: &Protocol, world: &World| ahead(model, world, End::Hit)),
        Property::sometimes(BYPASSES, |model: &Protocol, world: &World| {
            ahead(model, world, End::Bypass)
        }),
        Property::sometimes(FAULTS, |_, world: &World| world.faults == Faults::default()),
    ]
}

/// Whether one look of a reader ends its read like this.
fn ahead(model: &Protocol, world: &World, end: End) -> bool {
    (0..READERS).filter(|&r| world.readers[r].phase == Phase::Reading).any(|r| {
        [Key::Value, Key::Token(0), Key::Token(1)].into_iter().any(|key| {
            let mut next = *world;
            next.readers[r].may_read(key) && next.read(r, key, &model.scenario) == Some(end)
        })
    })
}

//! One state out of many that differ in nothing that can be noticed.
//!
//! * Generations are random, and nothing is done with them but to compare two of the same token. So they
//!   are numbered again after every step, in the order in which the state names them.
//! * A generation that no token holds, no mark carries, no snapshot keeps and no read under way has seen
//!   will never be seen again: new ones are drawn, none comes back. A value stamped with it, or with the
//!   run id of a server that is gone, can never be a hit; all such values are alike.
//! * Readers are alike, and so are fills: both are kept sorted.
//!
//! Two states that this does not make equal are merely explored twice.

use crate::scenario::Flaw;
use crate::state::{Entry, Found, Keys, Phase, Reader, Seen, TOKENS, World};
use crate::token::{FRESH, Generation, SPECIAL, Token, UNKNOWN};

/// The most generations of one token that a state can name: see [`names`].
const NAMES: usize = 16;

/// A value that can never be a hit.
const DEAD: Entry = Entry { run: u8::MAX, stamp: [UNKNOWN; TOKENS], version: 0 };

/// Makes states equal that are alike.
pub(crate) fn canonical(world: &mut World, flaw: Flaw) {
    match flaw {
        // Numbers that are counted are not names: a counter comes back to one.
        Flaw::Counters => return sort(world),
        // What is dead by the rules of the protocol lives by those of these variants.
        Flaw::NoRunId | Flaw::GlobalRunId | Flaw::AbsentAsStamp | Flaw::MarkAsStamp => {}
        _ => bury(world),
    }
    rename(world);
    sort(world);
    rename(world);
    sort(world);
}

fn sort(world: &mut World) {
    world.readers.sort_unstable();
    world.fills.sort_unstable_by_key(|fill| (fill.is_none(), *fill));
}

/// Replaces every value that can never be a hit by one of them, or by none where only a hit would tell.
fn bury(world: &mut World) {
    let seen = *world;
    let dead =
        |entry: Entry| entry.run != seen.run || (0..TOKENS).any(|t| !seen.lives(t, entry.stamp[t]));
    world.keys.value = world.keys.value.filter(|entry| !dead(*entry));
    for fill in world.fills.iter_mut().flatten().filter(|fill| dead(**fill)) {
        *fill = DEAD;
    }
    for reader in &mut world.readers {
        if matches!(reader.found, Found::Entry(entry) if dead(entry)) {
            reader.found = Found::Nothing;
            reader.floor = 0;
        }
        if let Phase::Running { run } = reader.phase
            && reader.stamp().is_none_or(|stamp| dead(Entry { run, stamp, version: 0 }))
        {
            reader.phase = Phase::Running { run: DEAD.run };
            reader.seen = DEAD.stamp.map(Seen::Generation);
        }
    }
}

impl World {
    /// Whether a read can ever see this generation of token `t`, or has.
    fn lives(&self, t: usize, generation: Generation) -> bool {
        let held = |keys: &Keys| match keys.tokens[t] {
            Token::Absent => false,
            Token::Generation(held) | Token::Mark { old: held, .. } => held == generation,
        };
        let seen = |reader: &Reader| {
            reader.phase == Phase::Reading && reader.seen[t] == Seen::Generation(generation)
        };
        held(&self.keys)
            || self.snapshot.as_ref().is_some_and(held)
            || self.readers.iter().any(seen)
    }
}

fn rename(world: &mut World) {
    for t in 0..TOKENS {
        let mut known = [UNKNOWN; NAMES];
        let mut count = 0;
        names(world, t, &mut |name| {
            if *name == UNKNOWN || (SPECIAL..FRESH).contains(name) {
                return;
            }
            let index = known[..count].iter().position(|seen| seen == name).unwrap_or(count);
            if index == count {
                known[index] = *name;
                count += 1;
            }
            *name = index as Generation + 1;
        });
    }
}

/// Visits every place that names a generation of token `t`.
fn names(world: &mut World, t: usize, visit: &mut impl FnMut(&mut Generation)) {
    let keys = |keys: &mut Keys, visit: &mut dyn FnMut(&mut Generation)| {
        match &mut keys.tokens[t] {
            Token::Absent => {}
            Token::Generation(name) | Token::Mark { old: name, .. } => visit(name),
        }
        if let Some(entry) = &mut keys.value {
            visit(&mut entry.stamp[t]);
        }
    };
    keys(&mut world.keys, visit);
    if let Some(snapshot) = &mut world.snapshot {
        keys(snapshot, visit);
    }
    for reader in &mut world.readers {
        if let Found::Entry(entry) = &mut reader.found {
            visit(&mut entry.stamp[t]);
        }
        if let Seen::Generation(name) = &mut reader.seen[t] {
            visit(name);
        }
    }
    for fill in world.fills.iter_mut().flatten() {
        visit(&mut fill.stamp[t]);
    }
}

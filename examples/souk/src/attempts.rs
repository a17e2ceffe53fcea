//! How often somebody tried a name, so that nobody can try all passwords. For names that nobody has as
//! well: the answer must not tell them apart.
//!
//! Who knows a name can thereby keep its owner out for some minutes. Counting by address instead would
//! keep out a whole office.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many wrong passwords in so long a time.
pub const MOST: u32 = 10;
pub const WINDOW: Duration = Duration::from_secs(5 * 60);
/// So many names are remembered; beyond, that of the longest ago is forgotten.
pub const NAMES: usize = 10_000;

/// The attempts of this process.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<String, Tally>>);

#[derive(Debug)]
struct Tally {
    count: u32,
    since: Instant,
}

impl Attempts {
    /// Counts an attempt before it is made, so that those made at once count too. False where there
    /// were too many.
    pub fn begin(&self, name: &str, now: Instant) -> bool {
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tallies.len() >= NAMES && !tallies.contains_key(name) {
            make_room(&mut tallies, now);
        }
        let tally = tallies.entry(name.to_owned()).or_insert(Tally { count: 0, since: now });
        if is_over(tally, now) {
            *tally = Tally { count: 0, since: now };
        }
        tally.count = tally.count.saturating_add(1);
        tally.count <= MOST
    }

    /// Forgets the attempts of a name whose password was right.
    pub fn succeeded(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

fn is_over(tally: &Tally, now: Instant) -> bool {
    now.duration_since(tally.since) >= WINDOW
}

fn make_room(tallies: &mut HashMap<String, Tally>, now: Instant) {
    tallies.retain(|_, tally| !is_over(tally, now));
    let oldest = tallies.iter().min_by_key(|(_, tally)| tally.since).map(|(name, _)| name.clone());
    if let Some(oldest) = oldest.filter(|_| tallies.len() >= NAMES) {
        tallies.remove(&oldest);
    }
}

//! Plays many schedules, on every core, and stops at the first that breaks a promise.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::case::Case;
use crate::report::{Counts, Failure, Report};
use crate::schedule::play;

/// A thread takes so many schedules at a time.
const BATCH: u64 = 256;
/// The protocol iterates over a `HashMap` in one place, so that a seed does not fix the order there:
/// where a schedule does not fail again at once, it is played again.
const ATTEMPTS: usize = 64;

/// Plays `schedules` schedules with the seeds from `first` on. With `MIZAN_SEED` in the environment it
/// plays that one only and prints what happens.
#[must_use]
pub fn explore(case: Case, first: u64, schedules: u64) -> Report {
    let start = Instant::now();
    let seed = std::env::var("MIZAN_SEED").ok().and_then(|seed| seed.parse().ok());
    if let Some(seed) = seed {
        let (counts, failure) = replay(case, seed);
        let trace = failure.as_ref().map_or(&[][..], |failure| &failure.trace);
        trace.iter().for_each(|line| println!("{line}"));
        return Report { name: case.name, schedules: 1, counts, took: start.elapsed(), failure };
    }
    let (next, found) = (AtomicU64::new(0), AtomicBool::new(false));
    let totals = Mutex::new((Counts::default(), 0, None::<u64>));
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let work = || {
        let (mut counts, mut played, mut failed) = (Counts::default(), 0, None);
        while !found.load(Ordering::Relaxed) {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= schedules {
                break;
            }
            for offset in from..schedules.min(from + BATCH) {
                let schedule = play(case, first.wrapping_add(offset), false);
                counts.add(&schedule.counts);
                played += 1;
                if schedule.violation.is_some() {
                    failed = Some(offset);
                    found.store(true, Ordering::Relaxed);
                    break;
                }
            }
        }
        let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.0.add(&counts);
        totals.1 += played;
        totals.2 = totals.2.into_iter().chain(failed).min();
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let (counts, played, failed) = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failure = failed.map(|offset| {
        let seed = first.wrapping_add(offset);
        replay(case, seed).1.unwrap_or(Failure {
            seed,
            violation: "it did not fail again".to_owned(),
            trace: Vec::new(),
        })
    });
    Report { name: case.name, schedules: played, counts, took: start.elapsed(), failure }
}

/// Plays one schedule with a trace.
fn replay(case: Case, seed: u64) -> (Counts, Option<Failure>) {
    let mut counts = Counts::default();
    for attempt in 1..=ATTEMPTS {
        let played = play(case, seed, true);
        counts = played.counts;
        if let Some(violation) = played.violation {
            return (counts, Some(Failure { seed, violation, trace: played.trace }));
        }
        if attempt == ATTEMPTS {
            played.trace.iter().for_each(|line| println!("{line}"));
        }
    }
    (counts, None)
}

//! Reads of one entry that one process runs at one time, without mutations or faults.

use std::time::Instant;

use crate::case::Case;
use crate::executor::Executor;
use crate::report::{Counts, Failure, Report};
use crate::schedule::servers;
use crate::world::{Shared, World};
use mizan_faults::random::Random;

/// Plays schedules of simultaneous reads. The functions must run once; with `leavers` some clients go
/// away, and each of those may have taken one run with it.
#[must_use]
pub fn explore_flights(case: Case, first: u64, schedules: u64, leavers: bool) -> Report {
    let start = Instant::now();
    let mut counts = Counts::default();
    let mut failure = None;
    let mut played = 0;
    for seed in (0..schedules).map(|offset| first.wrapping_add(offset)) {
        let violation = play(case, seed, leavers, &mut counts);
        played += 1;
        if let Some(violation) = violation {
            failure = Some(Failure { seed, violation, trace: Vec::new() });
            break;
        }
    }
    Report { name: case.name, schedules: played, counts, took: start.elapsed(), failure }
}

fn play(case: Case, seed: u64, leavers: bool, counts: &mut Counts) -> Option<String> {
    let mut random = Random::seeded(seed);
    let (readers, entry) = (2 + random.below(7), random.below(4));
    let mut patience = || (leavers && random.one_in(2)).then(|| random.below(10) as u32);
    // One stays, so that an actor must get a response.
    let patience: Vec<Option<u32>> =
        (0..readers).map(|reader| if reader == 0 { None } else { patience() }).collect();
    let gone = patience.iter().flatten().count();
    let world = Shared::new(World::new(case, random, false));
    let mut executor = Executor::new(world.clone());
    let [server, ..] = servers(&world, case, [1; 3]);
    for patience in patience {
        let server = server.clone();
        executor.spawn(0, Box::pin(async move { server.read(entry, patience).await }));
    }
    executor.run(false);
    let mut world = world.lock();
    let observer = &mut world.observer;
    let runs = observer.runs[entry] as usize;
    counts.add(&observer.counts);
    if runs == 0 || runs > 1 + gone {
        observer.fail(format!("{readers} reads, of which {gone} went away, ran {runs} times"));
    }
    observer.violation.take()
}

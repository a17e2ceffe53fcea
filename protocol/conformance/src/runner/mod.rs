//! Runs cases of several backends, some at a time, and reports each.

mod drive;
mod harness;
mod options;
mod table;
mod verdict;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

pub use drive::drive;
pub use harness::test_main;
pub use options::Options;
pub use table::{Report, Row, cases_of_groups};
pub use verdict::{Outcome, judge};

use crate::backend::Backend;
use crate::case::{Case, Needs};

/// One case of one backend.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The backend.
    pub backend: &'a Backend,
    /// The case.
    pub case: Case,
}

impl Job<'_> {
    /// The backend, the module and the promise.
    pub fn name(&self) -> String {
        format!("{}::{}", self.backend.name(), self.case.name())
    }
}

/// Every case of every backend, in turn.
pub fn jobs<'a>(backends: &'a [Backend], cases: &[Case]) -> Vec<Job<'a>> {
    cases
        .iter()
        .flat_map(|case| backends.iter().map(|backend| Job { backend, case: *case }))
        .collect()
}

/// Runs them, so many at a time, and gives each outcome to `report` as it comes. Cases that mostly wait
/// take none of the places: they all run from the start.
pub fn run(jobs: &[Job<'_>], threads: usize, mut report: impl FnMut(&Job<'_>, Outcome, Duration)) {
    let (patient, busy): (Vec<&Job<'_>>, Vec<&Job<'_>>) =
        jobs.iter().partition(|job| job.case.needs.contains(&Needs::Patience));
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for job in patient {
            let send = send.clone();
            scope.spawn(move || drop(send.send(timed(job))));
        }
        for _ in 0..threads.max(1) {
            let (send, next, busy) = (send.clone(), &next, &busy);
            scope.spawn(move || {
                while let Some(job) = busy.get(next.fetch_add(1, Ordering::Relaxed)) {
                    drop(send.send(timed(job)));
                }
            });
        }
        drop(send);
        for (job, outcome, time) in receive {
            report(job, outcome, time);
        }
    });
}

fn timed<'a, 'b>(job: &'a Job<'b>) -> (&'a Job<'b>, Outcome, Duration) {
    let start = Instant::now();
    let outcome = judge(job);
    (job, outcome, start.elapsed())
}

/// How many run at a time unless something else is asked for.
fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Removes what cases have left in the folders of their backends.
pub fn clean(backends: &[Backend]) {
    for folder in backends.iter().flat_map(Backend::folder) {
        drop(std::fs::remove_dir_all(folder));
    }
}

//! What `mizan-conformance` does: everything runs for which the machine has the programs.

use super::{Job, Options, Outcome, Report, clean, jobs, run};
use crate::backend::Backend;
use crate::case::{Case, Needs};

/// Runs the selected cases of every backend. Failures are printed to standard error as they come.
pub fn drive(backends: &[Backend], cases: &[Case], options: &Options) -> Report {
    let all = jobs(backends, cases);
    let selected = all.iter().filter(|job| options.selects(job)).copied();
    let (without_redis, wanted): (Vec<Job<'_>>, Vec<Job<'_>>) =
        selected.partition(|job| job.case.needs.contains(&Needs::Redis) && !has_redis());
    let mut report = Report::default();
    for job in &without_redis {
        report.add(job, &Outcome::Skipped("needs redis-server".into()));
    }
    run(&wanted, options.threads, |job, outcome, _| {
        match &outcome {
            Outcome::Passed => eprintln!("{} ... ok", job.name()),
            Outcome::Skipped(reason) => eprintln!("{} ... skipped: {reason}", job.name()),
            Outcome::Failed(text) => eprintln!("{} ... FAILED\n{text}\n", job.name()),
        }
        report.add(job, &outcome);
    });
    clean(backends);
    report
}

/// Whether a `redis-server` is on the path.
fn has_redis() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("redis-server").is_file())
}

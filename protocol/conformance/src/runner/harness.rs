//! The test program of cargo: its lines are those of the harness of Rust.

use std::process::ExitCode;
use std::time::Instant;

use super::{Job, Options, Outcome, clean, jobs, run};
use crate::backend::Backend;
use crate::case::{Case, note};

/// Runs the cases that the arguments select, and prints the lines that `cargo test` prints.
pub fn test_main(backends: &[Backend], cases: &[Case]) -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::FAILURE;
        }
    };
    let all = jobs(backends, cases);
    let selected: Vec<Job<'_>> = all.iter().filter(|job| options.selects(job)).copied().collect();
    if options.list {
        selected.iter().for_each(|job| println!("{}: test", job.name()));
        println!("\n{} tests, 0 benchmarks", selected.len());
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    println!("\nrunning {} tests", selected.len());
    let (ignored, wanted): (Vec<Job<'_>>, Vec<Job<'_>>) =
        selected.iter().copied().partition(|job| options.ignores(job).is_some());
    for job in &ignored {
        let reason = options.ignores(job).unwrap_or_default();
        println!("test {} ... ignored, {reason}", job.name());
    }
    let (mut passed, mut left_out, mut failures) = (0, ignored.len(), Vec::new());
    run(&wanted, options.threads, |job, outcome, time| match outcome {
        Outcome::Passed => {
            passed += 1;
            note!("{:8.2} s  {}", time.as_secs_f64(), job.name());
            println!("test {} ... ok", job.name());
        }
        Outcome::Skipped(reason) => {
            left_out += 1;
            println!("test {} ... ignored, {reason}", job.name());
        }
        Outcome::Failed(text) => {
            println!("test {} ... FAILED", job.name());
            failures.push((job.name(), text));
        }
    });
    clean(backends);
    if !failures.is_empty() {
        println!("\nfailures:\n");
        failures.iter().for_each(|(name, text)| println!("---- {name} ----\n{text}\n"));
        println!("\nfailures:");
        failures.iter().for_each(|(name, _)| println!("    {name}"));
    }
    println!(
        "\ntest result: {}. {passed} passed; {} failed; {left_out} ignored; 0 measured; {} filtered out; finished in \
         {:.2}s\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        failures.len(),
        all.len() - selected.len(),
        start.elapsed().as_secs_f64()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

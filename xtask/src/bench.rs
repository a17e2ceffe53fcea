//! Figures, printed and never asserted.

use std::time::Instant;

use crate::machine::Machine;
use crate::step::{cargo, command, loud, quiet, root, show};
use crate::{Result, machine, programs};

/// Runs a bench; `rows` names those of `instructions` that are counted alone.
pub(crate) fn bench(what: &str, rows: &[&str]) -> Result {
    match what {
        "http" => program("requests against hand-written actix", "bench-http", &[]),
        "cache" => {
            Machine::here().need(&programs::REDIS)?;
            program("cached reads against a prebuilt body", "bench-cache", &[])
        }
        "instructions" => {
            Machine::here().need(&programs::REDIS)?;
            Machine::here().need(&programs::VALGRIND)?;
            let what = "instructions of a request against hand-written actix";
            program(what, "bench-instructions", rows)
        }
        "generate" => program("generation of clients", "bench-generate", &[]),
        "kernel" => {
            machine::node_packages()?;
            show(command(&["npm", "run", "--silent", "size"]))?;
            show(command(&["npm", "run", "--silent", "bench:kernel"]))
        }
        "build" => build(),
        _ => Err("the benches are http, cache, instructions, generate, kernel and build".into()),
    }
}

/// Runs a program of the benches, optimised.
fn program(what: &str, name: &str, arguments: &[&str]) -> Result {
    let run = ["run", "--quiet", "--release", "-p", "mizan-bench", "--bin", name, "--"];
    loud(what, || show(cargo(&[&run[..], arguments].concat())))
}

/// CPU seconds of a clean debug build of the published crates, dependencies included.
fn build() -> Result {
    let target = root().join("target/bench-build");
    // A folder that is not there is as clean as one that is removed.
    let _ = std::fs::remove_dir_all(&target);
    let mut build = command(&[
        "bash",
        "-c",
        "time cargo build --quiet -p mizan-schema -p mizan-macros -p mizan-core -p mizan-actix -p mizan-generate",
    ]);
    build.env("CARGO_TARGET_DIR", &target).env("TIMEFORMAT", "%U %S");
    build.args(["--"]);
    let start = Instant::now();
    let output = build.output().map_err(|error| format!("bash: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let seconds: f64 = errors
        .lines()
        .last()
        .unwrap_or_default()
        .split(' ')
        .filter_map(|text| text.parse::<f64>().ok())
        .sum();
    println!(
        "clean debug build of the published crates: {seconds:.0} CPU seconds, {:.0} s",
        start.elapsed().as_secs_f64()
    );
    quiet(command(&["rm", "-rf", &target.to_string_lossy()])).map(drop)
}

//! The race of readers, writers and faults, on a machine that may lack Redis.

use crate::Result;
use crate::machine::Machine;
use crate::programs::REDIS;
use crate::step::{cargo, quiet, show, step};

/// Installs Redis where it is missing and runs the example with these options.
pub(crate) fn chaos(options: &[&str]) -> Result {
    Machine::here().need(&REDIS)?;
    let mut build = cargo(&["build", "--quiet", "--release", "--package", "chaos"]);
    build.env("CARGO_TERM_PROGRESS_WHEN", "never");
    step("build it", || quiet(build))?;
    show(cargo(&[&["run", "--quiet", "--release", "--package", "chaos", "--"], options].concat()))
}

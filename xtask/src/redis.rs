//! The Redis that the tests start: installed where it is missing. They start it themselves, each its
//! own, because they kill it.

use crate::Result;
use crate::machine::{apt, has};

/// By PATH, and where Debian keeps it: as `mizan-faults` looks for it.
const PROGRAMS: &[&str] = &["redis-server", "/usr/bin/redis-server"];

/// Finds redis-server, or installs Debian's.
pub(crate) fn redis() -> Result {
    let find = || PROGRAMS.iter().any(|program| has(&[program, "--version"]));
    if find() {
        return Ok(());
    }
    let missing = "redis-server is missing: `apt-get install redis-server`";
    apt("redis-server", missing)?;
    if find() { Ok(()) } else { Err(missing.into()) }
}

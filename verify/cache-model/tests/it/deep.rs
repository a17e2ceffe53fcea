//! Larger casts, and those that do not fit into every run.

use mizan_cache_model::program::{BROAD, NARROW, NARROWED, SPLIT};
use mizan_cache_model::scenario::{Faults, Mode, Scenario};

use crate::support::{
    EVICTIONS, KILLS, NARROWING, SESSION_KILL, SNAPSHOT, STRICT, holds, holds_so_far,
};

/// Steps in which the casts are checked that are too large even here.
const STEPS: usize = 20_000_000;

#[test]
#[ignore = "long: cargo xtask deep"]
fn a_restart_from_a_snapshot_leaves_answers_fresh() {
    holds(SNAPSHOT);
}

#[test]
#[ignore = "long: cargo xtask deep"]
fn a_restart_from_a_snapshot_leaves_answers_fresh_in_session() {
    holds(Scenario { name: "session, restart from a snapshot", mode: Mode::Session, ..SNAPSHOT });
}

#[test]
#[ignore = "long: cargo xtask deep"]
fn kills_and_evictions_together_leave_hits_linearizable() {
    holds(Scenario {
        name: "strict, 2 kills, 2 evictions",
        faults: Faults { kills: 2, ..EVICTIONS.faults },
        ..KILLS
    });
}

#[test]
#[ignore = "long: cargo xtask deep"]
fn three_mutations_and_kills_leave_hits_linearizable() {
    const THREE: Scenario = Scenario {
        name: "strict, 3 mutations, 2 kills",
        programs: &[NARROW, SPLIT, NARROWED],
        ..NARROWING
    };
    holds(Scenario { name: "strict, 3 mutations, 2 kills, one read each", reads: 1, ..THREE });
    holds_so_far(THREE, STEPS);
}

#[test]
#[ignore = "long: cargo xtask deep"]
fn three_mutations_and_a_kill_leave_session_fresh_after_the_lease() {
    const THREE: Scenario = Scenario {
        name: "session, 3 mutations, a kill",
        programs: &[NARROW, BROAD, NARROWED],
        ..SESSION_KILL
    };
    holds(Scenario { name: "session, 3 mutations, a kill, one read each", reads: 1, ..THREE });
    holds_so_far(THREE, STEPS);
}

#[test]
#[ignore = "long: cargo xtask deep"]
fn three_readers_find_linearizable_hits() {
    holds(Scenario { name: "strict, 3 readers", readers: 3, ..STRICT });
}

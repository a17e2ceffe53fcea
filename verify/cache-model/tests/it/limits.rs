//! What the protocol does not promise, and documents: each of these losses is really there.

use mizan_cache_model::scenario::{Faults, Promise, Scenario};

use crate::support::{LOST_MARK, OVERRUN, RESTART, SESSION, breaks};

/// A scenario with a kill on top, against the promise that a kill alone would leave.
const fn and_killed(name: &'static str, scenario: Scenario) -> Scenario {
    let faults = Faults { kills: 1, ..scenario.faults };
    Scenario { name, promise: Promise::AfterLease, faults, ..scenario }
}

#[test]
fn session_is_not_linearizable() {
    breaks(Scenario {
        name: "session, asked to be linearizable",
        promise: Promise::Linearizable,
        ..SESSION
    });
}

#[test]
fn a_lost_mark_costs_linearizability() {
    breaks(Scenario {
        name: "a mark is lost, asked to be linearizable",
        promise: Promise::Linearizable,
        ..LOST_MARK
    });
}

#[test]
fn a_lease_that_ends_too_early_costs_linearizability() {
    breaks(Scenario {
        name: "a lease is over too early, asked to be linearizable",
        promise: Promise::Linearizable,
        ..OVERRUN
    });
}

#[test]
fn a_lost_mark_and_a_kill_are_one_too_many() {
    breaks(and_killed("a mark is lost, and a kill", LOST_MARK));
}

#[test]
fn a_restart_and_a_kill_are_one_too_many() {
    breaks(and_killed("restart without data, and a kill", RESTART));
}

#[test]
fn a_pause_beyond_the_lease_a_commit_and_a_kill_are_one_too_many() {
    breaks(and_killed("a lease is over too early, and a kill", OVERRUN));
}

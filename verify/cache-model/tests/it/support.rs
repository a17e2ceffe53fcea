//! The casts that tests share, and the three ways to judge one.

use mizan_cache_model::explore;
use mizan_cache_model::program::{AWAY, BROAD, NARROW, NARROWED, WIDE};
use mizan_cache_model::scenario::{Faults, Flaw, Mode, Promise, Scenario};

const NONE: Faults =
    Faults { kills: 0, evictions: 0, lost_marks: 0, snapshots: 0, restarts: 0, overruns: 0 };

/// Two readers, two reads each, mutations of {A} and of {A, B}; nothing breaks.
pub(crate) const STRICT: Scenario = Scenario {
    name: "strict",
    readers: 2,
    reads: 2,
    programs: &[NARROW, BROAD],
    mode: Mode::Strict,
    promise: Promise::Linearizable,
    faults: NONE,
    flaw: Flaw::None,
};
pub(crate) const KILLS: Scenario =
    Scenario { name: "strict, 2 kills", faults: Faults { kills: 2, ..NONE }, ..STRICT };
pub(crate) const EVICTIONS: Scenario =
    Scenario { name: "strict, 2 evictions", faults: Faults { evictions: 2, ..NONE }, ..STRICT };
pub(crate) const LOST_MARK: Scenario = Scenario {
    name: "strict, a mark is lost",
    promise: Promise::AfterAnswer,
    faults: Faults { lost_marks: 1, ..NONE },
    ..STRICT
};
pub(crate) const RESTART: Scenario = Scenario {
    name: "strict, restart without data",
    promise: Promise::AfterAnswer,
    faults: Faults { restarts: 1, ..NONE },
    ..STRICT
};
pub(crate) const SNAPSHOT: Scenario = Scenario {
    name: "strict, restart from a snapshot",
    promise: Promise::AfterAnswer,
    faults: Faults { restarts: 1, snapshots: 1, ..NONE },
    ..STRICT
};
pub(crate) const OVERRUN: Scenario = Scenario {
    name: "strict, a lease is over too early",
    promise: Promise::AfterAnswer,
    faults: Faults { overruns: 1, ..NONE },
    ..STRICT
};
pub(crate) const NARROWING: Scenario = Scenario {
    name: "strict, narrowed, 2 kills",
    programs: &[NARROWED, BROAD],
    faults: Faults { kills: 2, ..NONE },
    ..STRICT
};
pub(crate) const NARROWED_AWAY: Scenario =
    Scenario { name: "strict, narrowed away, 2 kills", programs: &[AWAY, WIDE], ..NARROWING };
pub(crate) const SESSION: Scenario =
    Scenario { name: "session", mode: Mode::Session, promise: Promise::AfterAnswer, ..STRICT };
pub(crate) const SESSION_KILL: Scenario = Scenario {
    name: "session, a kill",
    promise: Promise::AfterLease,
    faults: Faults { kills: 1, ..NONE },
    ..SESSION
};

/// The promise holds in every state there is, and the scenario has hits, bypasses and all its faults.
#[track_caller]
pub(crate) fn holds(scenario: Scenario) {
    explored(scenario, None);
}

/// The promise holds in the states that `steps` steps reach.
#[track_caller]
pub(crate) fn holds_so_far(scenario: Scenario, steps: usize) {
    explored(scenario, Some(steps));
}

/// Some hit breaks the promise, though each reader reads but once: one to store, and one to hit.
#[track_caller]
pub(crate) fn breaks(scenario: Scenario) {
    let report = explore(Scenario { reads: 1, ..scenario }, None);
    println!("{report}");
    let steps = report.broken.expect("every hit kept the promise");
    println!("  {}", steps.join(", "));
}

#[track_caller]
fn explored(scenario: Scenario, limit: Option<usize>) {
    let report = explore(scenario, limit);
    println!("{report}");
    assert_eq!(report.broken, None, "{}", report.name);
    assert!(report.exhausted || limit.is_some(), "{}: not exhausted", report.name);
    assert_eq!(report.met, [true; 3], "{}: hits, bypasses, every fault", report.name);
}

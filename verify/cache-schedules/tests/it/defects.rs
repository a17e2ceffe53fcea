//! Seeded defects: each must be found, or the schedules prove nothing.

use mizan_cache_schedules::{Builds, Case, Defect, Faults, explore};

use crate::support::{SESSION, STRICT, first};

/// Each must be found within so many schedules.
const BOUND: u64 = 40_000;
const EVICTIONS: Faults = Faults { evictions: 3, ..Faults::NONE };
const RESTARTS: Faults = Faults { restarts: 2, ..Faults::NONE };

#[track_caller]
fn check(case: Case, expected: &str) {
    let report = explore(case, first(case.name), BOUND);
    println!("{:?}: {report}", case.defect);
    let failure = report.failure.unwrap_or_else(|| panic!("{:?} was not found", case.defect));
    println!("seed {}: {}", failure.seed, failure.violation);
    assert!(failure.violation.contains(expected), "{}", failure.violation);
    assert!(!failure.trace.is_empty(), "it fails again with a trace");
}

macro_rules! defects {
    ($($name:ident: $defect:ident in $case:expr, $expected:expr;)*) => {$(
        #[test]
        fn $name() {
            check($case.with_defect(Defect::$defect), $expected);
        }
    )*};
}

const STALE: &str = "a read returned version";

defects! {
    a_begin_that_is_ignored_is_found: IgnoredBegin in STRICT, STALE;
    an_end_that_is_ignored_is_found: IgnoredEnd in STRICT, "left a mark behind";
    an_end_that_keeps_the_generation_is_found: EndKeepsGeneration in STRICT, STALE;
    the_same_is_found_under_session: EndKeepsGeneration in SESSION, STALE;
    a_run_id_that_outlives_its_connection_is_found: SameRun in STRICT.with(RESTARTS), STALE;
    a_token_that_is_created_from_memory_is_found: CachedCreate in STRICT.with(EVICTIONS), STALE;
    a_lease_that_is_not_renewed_is_found: NoRenewal in STRICT, STALE;
    narrowing_after_the_commit_is_found: NarrowedLate in STRICT, STALE;
    an_end_before_the_commit_is_found: EndBeforeCommit in STRICT, STALE;
    builds_that_are_not_told_apart_are_found: BuildsAlike in STRICT.with_builds(Builds::Two), STALE;
    a_second_scope_without_marks_is_found: FirstScopeOnly in STRICT, STALE;
    counted_generations_are_found: CountedGenerations in STRICT.with(EVICTIONS), STALE;
    an_early_resolve_is_found: EarlyResolve in STRICT, STALE;
    tokens_of_a_replica_are_found: Replica in STRICT, STALE;
    a_page_that_reads_before_its_stamps_is_found: PageReadEarly in STRICT, STALE;
    a_page_without_the_stamp_of_its_own_context_is_found: PageWithoutOwn in STRICT, STALE;
}

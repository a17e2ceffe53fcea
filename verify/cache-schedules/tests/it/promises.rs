//! What every policy promises, with and without faults: more than 1,000,000 schedules together.

use mizan_cache_schedules::{Builds, Case};

use crate::support::{
    SESSION, SESSION_CUTS, SESSION_KILLS, SESSION_LOSSES, STRICT, STRICT_ANSWER, STRICT_KILLS,
    STRICT_LOSSES, check,
};

#[test]
fn strict_reads_are_linearizable_with_mutations() {
    check(STRICT, 200_000);
}

#[test]
fn session_reads_are_never_older_than_what_was_answered() {
    check(SESSION, 140_000);
}

#[test]
fn strict_reads_are_linearizable_through_kills_evictions_and_lost_operations() {
    check(STRICT_KILLS, 260_000);
}

#[test]
fn session_reads_are_older_than_a_killed_mutation_for_one_lease_at_most() {
    check(SESSION_KILLS, 140_000);
}

#[test]
fn strict_reads_are_never_older_than_what_was_answered_through_restarts_and_lost_marks() {
    check(STRICT_LOSSES, 140_000);
}

#[test]
fn session_reads_are_never_older_than_what_was_answered_through_restarts_and_lost_marks() {
    check(SESSION_LOSSES, 100_000);
}

#[test]
fn strict_reads_stay_linearizable_where_answers_do_not_wait_for_a_lost_end() {
    check(STRICT_ANSWER, 40_000);
}

#[test]
fn session_answers_that_give_up_on_their_end_come_after_the_lease() {
    check(SESSION_CUTS, 100_000);
}

#[test]
fn leases_last_as_long_as_their_mutations() {
    let case = Case { slow: false, ..Case::plain("strict, quick processes", STRICT.consistency) };
    for builds in [Builds::Same, Builds::Two] {
        let report = check(case.with_builds(builds), 10_000);
        assert_eq!(report.counts.lapses, 0, "a lease was over before its mutation");
    }
}

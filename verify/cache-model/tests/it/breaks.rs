//! Protocols that look right and are not: the model finds a stale hit in each of them.
//!
//! Each differs in one thing from a scenario that `holds`, so that one thing is what breaks it.

use mizan_cache_model::program::{A, AB, B, Op, Program};
use mizan_cache_model::scenario::{Flaw, Promise, Scenario};

use crate::support::{
    EVICTIONS, KILLS, LOST_MARK, NARROWED_AWAY, OVERRUN, RESTART, SESSION, SESSION_KILL, SNAPSHOT,
    STRICT, breaks,
};

const AFTER_ANSWER: Promise = Promise::AfterAnswer;

/// Every mutation of the scenario does the steps of `programs` instead.
const fn steps(name: &'static str, programs: &'static [Program], scenario: Scenario) -> Scenario {
    Scenario { name, programs, ..scenario }
}

/// The scenario with a mistake.
const fn flawed(name: &'static str, flaw: Flaw, scenario: Scenario) -> Scenario {
    Scenario { name, flaw, ..scenario }
}

#[test]
fn a_delete_after_the_commit_loses_to_a_slow_reader() {
    const DELETE: Program = &[Op::Commit, Op::Delete, Op::Answer];
    let scenario = steps("delete after the commit", &[DELETE], STRICT);
    breaks(Scenario { promise: AFTER_ANSWER, ..scenario });
}

#[test]
fn counters_come_back_to_an_old_number_after_an_eviction() {
    let scenario = flawed("counters", Flaw::Counters, EVICTIONS);
    breaks(Scenario { promise: AFTER_ANSWER, ..scenario });
}

#[test]
fn a_stamp_without_run_id_is_met_again_after_a_restart() {
    breaks(flawed("no run id", Flaw::NoRunId, SNAPSHOT));
}

#[test]
fn a_run_id_kept_over_reconnects_is_met_again_after_a_restart() {
    breaks(flawed("run id kept over reconnects", Flaw::GlobalRunId, SNAPSHOT));
}

#[test]
fn an_answer_before_end_is_stale_after_a_lost_mark() {
    const EARLY: Program = &[Op::Begin(A), Op::Commit, Op::Answer, Op::End(A)];
    breaks(steps("answer before END", &[EARLY], LOST_MARK));
}

#[test]
fn an_absent_token_is_no_stamp() {
    let scenario = flawed("absent token as a stamp", Flaw::AbsentAsStamp, EVICTIONS);
    breaks(Scenario { promise: AFTER_ANSWER, ..scenario });
}

#[test]
fn a_stamp_from_after_the_run_covers_an_older_value() {
    let scenario = flawed("stamp from after the run", Flaw::StampAfterRun, STRICT);
    breaks(Scenario { promise: AFTER_ANSWER, ..scenario });
}

#[test]
fn without_marks_a_kill_after_the_commit_is_never_noticed() {
    const UNMARKED: Program = &[Op::Commit, Op::End(AB), Op::Answer];
    let scenario = steps("END alone after the commit", &[UNMARKED], KILLS);
    breaks(Scenario { promise: Promise::AfterLease, ..scenario });
}

#[test]
fn a_mark_set_after_the_commit_is_late() {
    const LATE: Program = &[Op::Commit, Op::Begin(AB), Op::End(AB), Op::Answer];
    breaks(steps("BEGIN after the commit", &[LATE], STRICT));
}

#[test]
fn resolve_must_not_go_back_to_the_generation_before_the_mark() {
    let scenario = flawed("RESOLVE keeps the generation", Flaw::ResolveKeepsOld, KILLS);
    breaks(Scenario { promise: Promise::AfterLease, ..scenario });
}

#[test]
fn cancel_after_the_commit_takes_the_only_mark_back() {
    const CANCELLED: Program = &[Op::Begin(B), Op::Commit, Op::Cancel(B), Op::Answer];
    let scenario = steps("CANCEL after the commit", &[CANCELLED], STRICT);
    breaks(Scenario { promise: AFTER_ANSWER, ..scenario });
}

#[test]
fn narrowing_after_the_commit_leaves_a_moment_of_the_old_generation() {
    const LATE: Program =
        &[Op::Begin(B), Op::Commit, Op::Cancel(B), Op::Begin(A), Op::End(A), Op::Answer];
    breaks(steps("narrowed after the commit", &[LATE], STRICT));
}

#[test]
fn a_mark_is_no_stamp() {
    breaks(flawed("mark as a stamp", Flaw::MarkAsStamp, STRICT));
}

#[test]
fn cancel_must_not_trust_a_generation_under_which_another_mutation_died() {
    breaks(flawed("CANCEL without cut", Flaw::NoCut, NARROWED_AWAY));
}

#[test]
fn begin_must_not_carry_a_generation_under_which_another_mutation_died() {
    breaks(flawed("BEGIN without cut", Flaw::NoCut, SESSION_KILL));
}

#[test]
fn end_changes_the_generation_though_others_still_hold_marks() {
    breaks(flawed("END keeps the generation", Flaw::EndKeepsOld, SESSION));
}

#[test]
fn end_changes_the_generation_though_its_mark_is_gone() {
    breaks(flawed("END leaves a token whose mark was lost", Flaw::EndOnlyOwn, LOST_MARK));
    breaks(flawed("END leaves a token after a restart", Flaw::EndOnlyOwn, RESTART));
    breaks(flawed("END leaves a token after its lease", Flaw::EndOnlyOwn, OVERRUN));
}

#[test]
fn session_goes_on_with_the_generation_of_a_mark_only_while_its_leases_last() {
    breaks(flawed("session after the lease", Flaw::IgnoresLease, SESSION_KILL));
}

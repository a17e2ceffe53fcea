//! Plays a case, prints what happened, and fails with the seed.

use mizan_cache::Consistency::{AfterResponse, Strict};
use mizan_cache::IfUnmarkFails;
use mizan_cache_schedules::{Case, Faults, Report, explore};

/// Faults of processes, of the way to the store, and of what it may forget: after each of them hits are
/// as the policy says.
pub(crate) const KILLS: Faults =
    Faults { kills: 2, evictions: 3, losses: 3, cuts: 1, leavers: 2, failures: 2, ..Faults::NONE };
/// Faults after which a mutation that is under way may be seen early, and nothing else.
pub(crate) const LOSSES: Faults = Faults { restarts: 2, lost_marks: 1, overruns: 1, ..KILLS };

pub(crate) const STRICT: Case = Case::plain("strict, races", Strict);
pub(crate) const SESSION: Case = Case::plain("session, races", AfterResponse);
pub(crate) const STRICT_KILLS: Case = Case::plain("strict, kills", Strict).with(KILLS);
pub(crate) const SESSION_KILLS: Case = Case::plain("session, kills", AfterResponse).with(KILLS);
pub(crate) const STRICT_LOSSES: Case = Case::plain("strict, losses", Strict).with(LOSSES);
pub(crate) const SESSION_LOSSES: Case = Case::plain("session, losses", AfterResponse).with(LOSSES);
pub(crate) const SESSION_CUTS: Case =
    Case::plain("session, cuts", AfterResponse).with(Faults { cuts: 3, ..Faults::NONE });
pub(crate) const STRICT_ANSWER: Case = Case {
    if_unmark_fails: IfUnmarkFails::Answer,
    ..Case::plain("strict, answers before its end", Strict).with(KILLS)
};

/// The first seed of a case: seeds of two cases are far apart.
pub(crate) fn first(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[track_caller]
pub(crate) fn check(case: Case, schedules: u64) -> Report {
    let report = explore(case, first(case.name), schedules);
    println!("{report}");
    passed(&report);
    let counts = &report.counts;
    if std::env::var("MIZAN_SEED").is_ok() {
        return report;
    }
    assert!(counts.hits > 0 && counts.bypasses > 0, "without hits nothing is promised");
    assert!(counts.page_hits > 0, "without hits nothing is promised of pages");
    let happened = [
        (case.faults.kills, counts.kills),
        (case.faults.evictions, counts.evictions),
        (case.faults.lost_marks, counts.lost_marks),
        (case.faults.restarts, counts.restarts),
        (case.faults.overruns, counts.overruns),
        (case.faults.losses, counts.losses),
        (case.faults.cuts, counts.cuts),
        (case.faults.leavers, counts.leavers),
    ];
    assert!(
        happened.iter().all(|(most, count)| *most == 0 || *count > 0),
        "no fault: {happened:?}"
    );
    report
}

#[track_caller]
pub(crate) fn passed(report: &Report) {
    if let Some(failure) = &report.failure {
        panic!(
            "{}: {}\n{}\nagain, with every step: \
             MIZAN_SEED={} cargo test -p mizan-cache-schedules THIS_TEST -- --nocapture",
            report.name,
            failure.violation,
            failure.trace.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n"),
            failure.seed,
        );
    }
}

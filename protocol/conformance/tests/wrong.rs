//! A backend that is wrong in one way at a time: the suite names each fault.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::collections::BTreeSet;

use mizan_conformance::backend::Backend;
use mizan_conformance::case::{self, Case};
use mizan_conformance::runner::{self, Job, Outcome};
use mizan_conformance::wrong::{FAULTS, Fault};

fn backend(name: &str, fault: Fault) -> Backend {
    Backend::command(name, env!("CARGO_BIN_EXE_conformance-actix"))
        .with_folder(env!("CARGO_TARGET_TMPDIR"))
        .wrong_by(fault)
}

#[track_caller]
fn case_of(cases: &[Case], name: &str) -> Case {
    *cases.iter().find(|case| case.name() == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// Runs one case, without its report on standard error.
fn outcome(name: &str, fault: Fault, case: Case) -> Outcome {
    let backend = backend(name, fault);
    let outcome = runner::judge(&Job { backend: &backend, case });
    runner::clean(&[backend]);
    outcome
}

#[test]
fn each_planted_fault_is_named_by_its_case() {
    let cases = case::all();
    let mut unnoticed = Vec::new();
    for (at, fault) in FAULTS.iter().enumerate() {
        let case = case_of(&cases, fault.caught_by);
        match outcome(&format!("wrong-{at}"), *fault, case) {
            Outcome::Failed(report) => {
                assert!(report.contains(fault.caught_by), "{}: {report}", fault.name);
                assert!(report.contains("docs/protocol.md#"), "{}: {report}", fault.name);
            }
            other => unnoticed.push(format!("{}: {other:?}", fault.name)),
        }
    }
    let names: BTreeSet<_> = FAULTS.iter().map(|fault| fault.name).collect();
    assert!(names.len() == FAULTS.len() && names.len() >= 30, "{}", names.len());
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// The proxy adds no fault of its own, so what fails behind it fails by the fault.
#[test]
fn the_cases_hold_behind_a_proxy_that_changes_nothing() {
    let cases = case::all();
    let names: BTreeSet<_> = FAULTS.iter().map(|fault| fault.caught_by).collect();
    for (at, name) in names.into_iter().enumerate() {
        let outcome = outcome(&format!("right-{at}"), Fault::NONE, case_of(&cases, name));
        assert_eq!(outcome, Outcome::Passed, "{name}");
    }
}

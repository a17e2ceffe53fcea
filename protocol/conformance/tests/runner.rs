//! The runner: what is selected, what is ignored with which words, and what a report says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use mizan_conformance::backend::Backend;
use mizan_conformance::case::{self, Case, Needs};
use mizan_conformance::runner::{self, Job, Options, Outcome, Report};

const HOLDS: Case = Case {
    group: "own",
    module: "own::suite::module",
    title: "it_holds",
    paragraph: "docs/protocol.md#errors",
    needs: &[],
    run: |_| {},
};
const FAILS: Case = Case { title: "it_fails", run: |_| assert_eq!(1, 2, "so it is"), ..HOLDS };
const REDIS: Case = Case { title: "in_redis", needs: &[Needs::Redis, Needs::Patience], ..HOLDS };
const CORE: Case = Case { title: "of_the_core", needs: &[Needs::RustCore], ..HOLDS };
const PROCESS: Case = Case {
    title: "with_its_process",
    run: |backend| drop(backend.program(mizan_conformance::backend::Application::Cache)),
    ..HOLDS
};

fn backend() -> Backend {
    Backend::address("away", ([127, 0, 0, 1], 9).into())
}

fn options(words: &[&str]) -> Options {
    Options::read(words.iter().map(|word| (*word).to_owned())).unwrap()
}

#[test]
fn arguments_of_cargo_test_select_by_name() {
    let backend = backend();
    let job = |case| Job { backend: &backend, case };
    assert_eq!(job(HOLDS).name(), "away::module::it_holds");
    for (words, selected) in [
        (&[][..], [true, true, true]),
        (&["it_"], [true, true, false]),
        (&["holds", "redis"], [true, false, true]),
        (&["it_", "--skip", "fails"], [true, false, false]),
        (&["--exact", "it_holds"], [false, false, false]),
        (&["--exact", "away::module::it_holds"], [true, false, false]),
        (&["--ignored"], [false, false, true]),
        (&["--test-threads=1", "--nocapture", "redis"], [false, false, true]),
    ] {
        let options = options(words);
        let found = [HOLDS, FAILS, REDIS].map(|case| options.selects(&job(case)));
        assert_eq!(found, selected, "{words:?}");
    }
    // In the words by which `cargo xtask test` knows what is missing.
    let words = Some("needs redis-server: cargo xtask test");
    assert_eq!(options(&[]).ignores(&job(REDIS)), words);
    assert_eq!(options(&["--include-ignored"]).ignores(&job(REDIS)), None);
    assert_eq!(options(&[]).ignores(&job(HOLDS)), None);
    assert!(Options::read(["--skip".to_owned()]).is_err());
}

#[test]
fn a_failure_names_its_case_and_its_paragraph() {
    let backend = backend();
    let outcome = runner::judge(&Job { backend: &backend, case: FAILS });
    let Outcome::Failed(report) = outcome else { panic!("{outcome:?}") };
    for text in ["away::module::it_fails", "docs/protocol.md#errors", "so it is", "left: 1"] {
        assert!(report.contains(text), "{text}: {report}");
    }
}

#[test]
fn what_cannot_be_judged_is_skipped_with_its_reason() {
    let backend = backend();
    let mut report = Report::default();
    for (case, outcome) in [
        (HOLDS, Outcome::Passed),
        (CORE, Outcome::Skipped("is about the Rust core".into())),
        (PROCESS, Outcome::Skipped("needs the application `cache`".into())),
    ] {
        let job = Job { backend: &backend, case };
        assert_eq!(runner::judge(&job), outcome);
        report.add(&job, &outcome);
    }
    assert!(report.holds());
    let row = "| own | 3 | 0 | 2 (is about the Rust core; needs the application `cache`) |";
    assert!(report.table().contains(row), "{}", report.table());
    report.add(&Job { backend: &backend, case: FAILS }, &Outcome::Failed(String::new()));
    assert!(!report.holds() && report.failed_groups("away") == ["own"]);
}

/// Names are what filters and the committed page refer to.
#[test]
fn every_case_has_a_name_of_its_own() {
    let mut names: Vec<String> = case::all().iter().map(Case::name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count >= 228, "{count}");
}

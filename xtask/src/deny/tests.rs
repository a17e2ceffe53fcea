//! The flow of `cargo xtask deny`, by a cargo that only writes down how it is called.

use std::fs;

use super::{Advisories, Deny};
use crate::fake::Fake;

const WITHOUT_NETWORK: &str = "deny --all-features check licenses bans sources";
const FETCH: &str = "deny fetch db";
const ADVISORIES: &str = "deny --offline --all-features check advisories";
const INSTALL: &str = "install --locked cargo-deny";

/// A machine with a cargo that fails in calls which begin with `fails`, and installs what it is
/// asked to.
struct Machine {
    folder: Fake,
    deny: Deny,
}

impl Machine {
    fn new(name: &str, fails: &str) -> Self {
        let folder = Fake::folder(name);
        let path = folder.path().to_owned();
        let here = path.display();
        folder.program(
            "cargo",
            &format!(
                "echo \"$*\" >> {here}/log\n\
                 case \"$*\" in '{fails}'*) echo 'no route to the host' >&2; exit 1;; esac\n\
                 if [ $1 = install ]; then cp {here}/cargo {here}/$3; fi"
            ),
        );
        let deny = Deny { home: Some(path.join("home")), path: Some(path) };
        Self { folder, deny }
    }

    /// The same, where cargo-deny is installed.
    fn with_deny(name: &str, fails: &str) -> Self {
        let machine = Self::new(name, fails);
        machine.folder.program("cargo-deny", "[ $1 = --version ]");
        machine
    }

    /// How cargo was called.
    fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

const NOTHING_FAILS: &str = "nothing fails";

#[test]
fn a_missing_cargo_deny_is_installed_first() {
    let machine = Machine::new("deny-missing", NOTHING_FAILS);
    assert_eq!(machine.deny.everything(), Ok(Advisories::Newest));
    let calls: Vec<_> = machine.calls().into_iter().filter(|call| call != "--version").collect();
    assert_eq!(calls, [INSTALL, WITHOUT_NETWORK, FETCH, ADVISORIES]);
    assert!(machine.deny.is_installed());
}

#[test]
fn a_cargo_deny_that_is_there_is_not_installed_again() {
    let machine = Machine::with_deny("deny-there", NOTHING_FAILS);
    assert_eq!(machine.deny.everything(), Ok(Advisories::Newest));
    assert_eq!(machine.calls(), [WITHOUT_NETWORK, FETCH, ADVISORIES]);
}

#[test]
fn a_cargo_deny_that_cannot_be_installed_is_a_failure() {
    let machine = Machine::new("deny-install-fails", "install");
    assert!(machine.deny.everything().is_err());
    assert_eq!(machine.calls(), [INSTALL]);
}

#[test]
fn without_a_database_advisories_are_reported_as_not_checked() {
    let machine = Machine::with_deny("deny-no-database", "deny fetch");
    assert_eq!(machine.deny.everything(), Ok(Advisories::NotChecked));
    assert_eq!(machine.calls(), [WITHOUT_NETWORK, FETCH]);
}

#[test]
fn a_database_from_before_is_checked_where_a_newer_one_cannot_be_fetched() {
    let machine = Machine::with_deny("deny-old-database", "deny fetch");
    fs::create_dir_all(machine.folder.path().join("home/advisory-dbs/some-db/.git")).unwrap();
    assert_eq!(machine.deny.everything(), Ok(Advisories::FromBefore));
    assert_eq!(machine.calls(), [WITHOUT_NETWORK, FETCH, ADVISORIES]);
}

#[test]
fn a_licence_that_is_refused_is_a_failure_and_so_is_an_advisory() {
    for (name, fails) in [("deny-licence", WITHOUT_NETWORK), ("deny-advisory", ADVISORIES)] {
        let error = Machine::with_deny(name, fails).deny.everything().unwrap_err();
        assert!(error.contains("no route to the host"), "{error}");
    }
}

#[test]
fn a_test_run_checks_without_network_and_never_installs() {
    let machine = Machine::with_deny("deny-test-run", NOTHING_FAILS);
    assert_eq!(machine.deny.where_installed(), Ok(true));
    assert_eq!(machine.calls(), [WITHOUT_NETWORK]);

    let machine = Machine::new("deny-test-run-missing", NOTHING_FAILS);
    assert_eq!(machine.deny.where_installed(), Ok(false));
    assert_eq!(machine.calls(), Vec::<String>::new());
}

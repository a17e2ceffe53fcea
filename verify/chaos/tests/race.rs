//! The race at the size that the promises are made for, and the proof that it finds what is stale.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Runs the program and reads the last table that it prints: each title with its number.
fn race(options: &str) -> (bool, BTreeMap<String, u64>) {
    // Two races at one time would be two of half the speed.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(env!("CARGO_BIN_EXE_chaos"));
    let output = command.args(options.split_whitespace()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    let row = |line: &str| {
        let (title, count) = line.trim().rsplit_once("  ")?;
        Some((title.trim().to_owned(), count.trim().parse().ok()?))
    };
    (output.status.success(), text.lines().filter_map(row).collect())
}

#[track_caller]
fn check(counts: &BTreeMap<String, u64>, title: &str, expected: impl Fn(u64) -> bool) {
    let count = counts.get(title).unwrap_or_else(|| panic!("the table has no `{title}`"));
    assert!(expected(*count), "{count} {title}");
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_million_reads_race_twenty_thousand_mutations_and_none_is_stale() {
    let (kept, counts) = race(
        "--cache mizan --reads 1000000 --mutations 20000 --kills 60 --cuts 60 --restarts 12 --evictions 240",
    );
    for title in ["stale reads", "not linearizable reads", "wrong reads", "failed reads"] {
        check(&counts, title, |count| count == 0);
    }
    for (title, least) in [
        ("reads", 1_000_000),
        ("of these, in batches", 500_000),
        ("hits", 100_000),
        ("hits of server 0 (actix)", 10_000),
        ("hits of server 1 (axum)", 10_000),
        ("hits of server 2 (actix)", 10_000),
        ("mutations", 20_000),
        ("of these, committed", 1),
        ("servers killed", 50),
        ("network cuts", 50),
        ("Redis restarts, empty", 5),
        ("Redis restarts, old snapshot", 5),
        ("rounds of evictions", 200),
        ("evicted keys", 1_000),
    ] {
        check(&counts, title, |count| count >= least);
    }
    assert!(kept);
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_cache_that_deletes_after_the_commit_is_found_stale() {
    let (_, counts) = race(
        "--cache delete --reads 60000 --mutations 4000 --kills 10 --cuts 2 --restarts 2 --evictions 4",
    );
    check(&counts, "hits", |count| count > 0);
    check(&counts, "not linearizable reads", |count| count > 0);
    check(&counts, "stale reads", |count| count > 0);
}

#[test]
fn what_is_no_option_is_refused_with_the_usage() {
    for options in ["--reeds 5", "--reads", "--reads many", "--cache redis", "--servers 0"] {
        let output = Command::new(env!("CARGO_BIN_EXE_chaos"))
            .args(options.split_whitespace())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{options}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("usage: chaos"), "{options}");
    }
}

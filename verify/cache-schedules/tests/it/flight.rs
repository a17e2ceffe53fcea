//! Reads of one entry at one time run their functions once.

use mizan_cache_schedules::{Case, explore_flights};

use crate::support::{STRICT, first, passed};

fn check(name: &'static str, leavers: bool) {
    let case = Case { name, mutations: false, slow: false, ..STRICT };
    let report = explore_flights(case, first(name), 20_000, leavers);
    println!("{report}");
    passed(&report);
}

#[test]
fn reads_at_one_time_run_once() {
    check("flights", false);
}

#[test]
fn a_reader_that_goes_away_passes_its_run_on() {
    check("flights, leavers", true);
}

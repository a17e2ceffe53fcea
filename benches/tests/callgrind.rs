//! Profiles of callgrind are read as they are written.

use mizan_bench::callgrind::{Totals, totals};

const PROFILE: &str = "\
version: 1
events: Ir

ob=(1) /bin/server
fl=(1) main.rs
fn=(1) main
10 5
cob=(2) /lib/libc.so.6
cfn=(2) malloc
calls=3 0
11 30
cfn=(3) free
calls=9 0
11 90
fn=(4) read
cfn=(2)
calls=2 0
12 20
cfn=(5) realloc'2
calls=1 0
12 7

totals: 152
";

#[test]
fn calls_of_every_allocator_are_counted_and_no_others() {
    assert_eq!(totals(PROFILE), Some(Totals { instructions: 152, allocations: 6 }));
}

#[test]
fn a_profile_that_was_cut_off_is_refused() {
    assert_eq!(totals(PROFILE.trim_end().trim_end_matches("totals: 152")), None);
}

//! The same promises in 20,000,000 schedules, or as many as `MIZAN_SCHEDULES` says.

use crate::support::{
    SESSION, SESSION_CUTS, SESSION_KILLS, SESSION_LOSSES, STRICT, STRICT_ANSWER, STRICT_KILLS,
    STRICT_LOSSES, check,
};
use mizan_cache_schedules::Case;

#[test]
#[ignore = "long: cargo xtask deep"]
fn nothing_is_stale_in_five_million_schedules() {
    let asked = std::env::var("MIZAN_SCHEDULES").ok().and_then(|count| count.parse().ok());
    let schedules: u64 = asked.unwrap_or(5_000_000);
    let cases = [
        ("deep: strict, races", STRICT),
        ("deep: session, races", SESSION),
        ("deep: strict, kills", STRICT_KILLS),
        ("deep: session, kills", SESSION_KILLS),
        ("deep: session, cuts", SESSION_CUTS),
        ("deep: strict, losses", STRICT_LOSSES),
        ("deep: session, losses", SESSION_LOSSES),
        ("deep: strict, answers", STRICT_ANSWER),
    ];
    for (name, case) in cases {
        check(Case { name, ..case }, schedules.div_ceil(cases.len() as u64));
    }
}

//! What the protocol promises, in every state that the cast can reach.

use mizan_cache_model::program::{BROAD, NARROW, NARROWED, SPLIT, WIDE};
use mizan_cache_model::scenario::{Flaw, Mode, Promise, Scenario};

use crate::support::{
    EVICTIONS, KILLS, LOST_MARK, NARROWED_AWAY, NARROWING, OVERRUN, RESTART, SESSION, SESSION_KILL,
    SNAPSHOT, STRICT, holds, holds_so_far,
};

/// Steps in which a scenario too large for every run is checked; `deep` reads all of it.
const STEPS: usize = 2_000_000;

/// The same in session.
const fn session(name: &'static str, scenario: Scenario) -> Scenario {
    Scenario { name, mode: Mode::Session, promise: Promise::AfterAnswer, ..scenario }
}

#[test]
fn hits_are_linearizable() {
    holds(STRICT);
}

#[test]
fn hits_are_linearizable_where_marks_are_set_one_by_one() {
    holds(Scenario { name: "strict, split scopes", programs: &[NARROW, SPLIT], ..STRICT });
}

#[test]
fn hits_are_linearizable_after_kills() {
    holds(KILLS);
}

#[test]
fn hits_are_linearizable_after_kills_where_marks_are_set_one_by_one() {
    holds(Scenario { name: "strict, split scopes, 2 kills", programs: &[NARROW, SPLIT], ..KILLS });
}

#[test]
fn hits_are_linearizable_under_evictions() {
    holds(EVICTIONS);
}

#[test]
fn hits_are_linearizable_where_a_mutation_narrows() {
    holds(NARROWING);
}

#[test]
fn hits_are_linearizable_where_a_mutation_narrows_beside_one_of_the_broad_token_alone() {
    holds(Scenario {
        name: "strict, narrowed beside {B}, 2 kills",
        programs: &[NARROWED, WIDE],
        ..NARROWING
    });
}

#[test]
fn hits_are_linearizable_where_a_mutation_narrows_to_something_else() {
    holds(NARROWED_AWAY);
}

#[test]
fn a_value_stored_under_a_mark_is_not_hit_later() {
    holds(Scenario {
        name: "strict, stores under the generation of a mark",
        flaw: Flaw::StoreUnderMark,
        programs: &[NARROWED, BROAD],
        ..KILLS
    });
}

#[test]
fn session_is_fresh_after_the_answer() {
    holds(SESSION);
}

#[test]
fn session_is_fresh_one_lease_after_a_kill() {
    holds(SESSION_KILL);
}

#[test]
fn session_is_fresh_after_the_answer_under_evictions() {
    holds(session("session, 2 evictions", EVICTIONS));
}

#[test]
fn session_is_fresh_after_the_lease_where_a_mutation_narrows() {
    holds(Scenario {
        name: "session, narrowed, a kill",
        programs: NARROWING.programs,
        ..SESSION_KILL
    });
}

#[test]
fn a_lost_mark_leaves_answers_fresh() {
    holds(LOST_MARK);
    holds(session("session, a mark is lost", LOST_MARK));
}

#[test]
fn a_restart_without_data_leaves_answers_fresh() {
    holds(RESTART);
    holds(session("session, restart without data", RESTART));
}

#[test]
fn a_restart_from_a_snapshot_leaves_answers_fresh() {
    holds(Scenario {
        name: "strict, restart from a snapshot, one read each",
        reads: 1,
        ..SNAPSHOT
    });
    holds_so_far(SNAPSHOT, STEPS);
}

#[test]
fn a_restart_from_a_snapshot_leaves_answers_fresh_in_session() {
    let scenario = session("session, restart from a snapshot, one read each", SNAPSHOT);
    holds(Scenario { reads: 1, ..scenario });
    holds_so_far(session("session, restart from a snapshot", SNAPSHOT), STEPS);
}

#[test]
fn a_lease_that_ends_too_early_leaves_answers_fresh() {
    holds(OVERRUN);
    holds(session("session, a lease is over too early", OVERRUN));
}

//! Everything that can happen next in a state.

use crate::read::Key;
use crate::scenario::Scenario;
use crate::state::{FILLS, Life, MUTATIONS, Phase, READERS, TOKENS, World};
use crate::token::Token;

/// A step of an actor, or a fault. Numbers are indices of readers, mutations, tokens and fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A reader reads one key.
    Read(usize, Key),
    /// A reader creates a token that was absent, and reads it again.
    Create(usize, usize),
    /// The function of a reader reads the database and answers.
    Run(usize, u8),
    /// Only with a flaw: a reader reads the tokens after the function ran.
    Stamp(usize, u8),
    /// A value arrives at the server.
    Store(usize),
    /// A mutation takes the next step of its program.
    Step(usize),
    /// A mutation renews a lease that is over already.
    Renew(usize),
    /// Time passes until the lease of a mutation is over.
    Lapse(usize),
    /// A reader asks for a mark to be taken away whose leases are over.
    Resolve(usize),
    /// Fault: a process is killed; its commit was not sent, or had been.
    Kill(usize),
    /// Fault: a process is killed between sending its commit and the commit.
    KillCommitting(usize),
    /// The commit of a killed process lands.
    Land(usize),
    /// Fault: the value is evicted.
    EvictValue,
    /// Fault: a token is evicted, with a mark or without.
    EvictToken(usize),
    /// Fault: the server writes a snapshot.
    Save,
    /// Fault: the server restarts.
    Restart,
}

/// Collects what can happen next.
pub(crate) fn actions(world: &World, scenario: &Scenario, actions: &mut Vec<Action>) {
    if world.broken {
        return;
    }
    for r in 0..READERS {
        // Readers that are alike do alike.
        if r == 0 || world.readers[r] != world.readers[r - 1] {
            of_reader(world, r, actions);
        }
    }
    for f in 0..FILLS {
        if world.fills[f].is_some() && (f == 0 || world.fills[f] != world.fills[f - 1]) {
            actions.push(Action::Store(f));
        }
    }
    for m in 0..MUTATIONS {
        of_mutation(world, m, scenario, actions);
    }
    of_server(world, actions);
}

fn of_reader(world: &World, r: usize, actions: &mut Vec<Action>) {
    let reader = &world.readers[r];
    for key in [Key::Value, Key::Token(0), Key::Token(1)] {
        if reader.may_read(key) {
            actions.push(Action::Read(r, key));
        }
    }
    for t in 0..TOKENS {
        if reader.may_create(t) {
            actions.push(Action::Create(r, t));
        }
    }
    match reader.phase {
        Phase::Idle | Phase::Reading => {}
        Phase::Running { run } => actions.push(Action::Run(r, run)),
        Phase::Stamping { version } => actions.push(Action::Stamp(r, version)),
    }
}

fn of_mutation(world: &World, m: usize, scenario: &Scenario, actions: &mut Vec<Action>) {
    if world.may_step(m, scenario) {
        actions.push(Action::Step(m));
    }
    if world.may_kill(m, scenario) {
        actions.push(Action::Kill(m));
        if world.commits_next(m, scenario) {
            actions.push(Action::KillCommitting(m));
        }
    }
    if world.mutations[m].life == Life::Committing {
        actions.push(Action::Land(m));
    }
    if world.may_lapse(m, scenario) {
        actions.push(Action::Lapse(m));
    }
    if world.may_renew(m, scenario) {
        actions.push(Action::Renew(m));
    }
}

fn of_server(world: &World, actions: &mut Vec<Action>) {
    let over = world.over();
    if world.faults.evictions > 0 && world.keys.value.is_some() {
        actions.push(Action::EvictValue);
    }
    for t in 0..TOKENS {
        let token = world.keys.tokens[t];
        let budget = match token {
            Token::Absent => 0,
            Token::Generation(_) => world.faults.evictions,
            Token::Mark { .. } => world.faults.lost_marks,
        };
        if budget > 0 {
            actions.push(Action::EvictToken(t));
        }
        if token.holds(over) {
            actions.push(Action::Resolve(t));
        }
    }
    if world.faults.restarts > 0 {
        actions.push(Action::Restart);
        if world.faults.snapshots > 0 {
            actions.push(Action::Save);
        }
    }
}

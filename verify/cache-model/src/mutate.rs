//! The steps of a mutation, its end by force, and the end of its lease.

use crate::program::{Op, Program, held};
use crate::scenario::{Promise, Scenario};
use crate::state::{Life, MUTATIONS, Mutation, TOKENS, World};
use crate::token::Command;

impl World {
    /// Whether mutation `m` has a next step.
    pub(crate) fn may_step(&self, m: usize, scenario: &Scenario) -> bool {
        self.op(m, scenario).is_some()
    }

    /// Whether the process of `m` may be killed now, so that it makes a difference.
    pub(crate) fn may_kill(&self, m: usize, scenario: &Scenario) -> bool {
        self.faults.kills > 0 && self.mutations[m].at > 0 && self.may_step(m, scenario)
    }

    /// Whether the next step of `m` is its commit.
    pub(crate) fn commits_next(&self, m: usize, scenario: &Scenario) -> bool {
        self.op(m, scenario) == Some(Op::Commit)
    }

    /// Whether the lease of `m` may run out now. A living process renews it, and a commit that was sent
    /// lands before it is over: that is the lease rule, which only an overrun breaks.
    pub(crate) fn may_lapse(&self, m: usize, scenario: &Scenario) -> bool {
        let Mutation { at, life, over, commit } = self.mutations[m];
        let Some(program) = scenario.programs.get(m) else { return false };
        let begun = at > 0 && !rest(program, at).iter().any(|op| matches!(op, Op::Begin(_)));
        !over
            && match life {
                Life::Committing => false,
                Life::Dead => self.marked(m) || commit > 0,
                Life::Alive if ended(program, at) => self.marked(m),
                Life::Alive => self.faults.overruns > 0 && begun && held(program, at) != 0,
            }
    }

    /// Whether `m` may renew a lease that is over already.
    pub(crate) fn may_renew(&self, m: usize, scenario: &Scenario) -> bool {
        let Mutation { at, life, over, .. } = self.mutations[m];
        let held = scenario.programs.get(m).map_or(0, |program| held(program, at));
        over && life == Life::Alive && held != 0
    }

    /// Carries out the next step of `m`.
    pub(crate) fn step(&mut self, m: usize, scenario: &Scenario) {
        match self.op(m, scenario) {
            Some(Op::Begin(scopes)) => self.script(Command::Begin, m, scopes, scenario),
            Some(Op::End(scopes)) => self.script(Command::End, m, scopes, scenario),
            Some(Op::Cancel(scopes)) => self.script(Command::Cancel, m, scopes, scenario),
            Some(Op::Commit) => self.commit(m, scenario),
            Some(Op::Delete) => self.keys.value = None,
            Some(Op::Answer) => self.raise(m),
            None => return,
        }
        self.mutations[m].at += 1;
    }

    /// Kills the process of `m`, with its commit on the way to the database or not.
    pub(crate) fn kill(&mut self, m: usize, committing: bool, scenario: &Scenario) {
        self.faults.kills -= 1;
        self.mutations[m].life = if committing { Life::Committing } else { Life::Dead };
        self.mutations[m].at = 0;
        self.bury(m, scenario);
    }

    /// Lets the commit of a killed process land.
    pub(crate) fn land(&mut self, m: usize, scenario: &Scenario) {
        self.commit(m, scenario);
        self.mutations[m].life = Life::Dead;
        self.bury(m, scenario);
    }

    /// Lets the lease of `m` run out.
    pub(crate) fn lapse(&mut self, m: usize, scenario: &Scenario) {
        let Mutation { at, life, .. } = self.mutations[m];
        let under_way = scenario.programs.get(m).is_some_and(|program| !ended(program, at));
        if life == Life::Alive && under_way {
            self.faults.overruns -= 1;
        }
        self.mutations[m].over = true;
        self.bury(m, scenario);
    }

    /// Marks again what `m` should hold, with a new lease.
    pub(crate) fn renew(&mut self, m: usize, scenario: &Scenario) {
        if let Some(program) = scenario.programs.get(m) {
            let scopes = held(program, self.mutations[m].at);
            self.script(Command::Begin, m, scopes, scenario);
            self.mutations[m].over = false;
        }
    }

    /// Calls the script on the tokens in `scopes`.
    pub(crate) fn script(&mut self, command: Command, m: usize, scopes: u8, scenario: &Scenario) {
        let over = self.over();
        for t in (0..TOKENS).filter(|t| scopes & 1 << t != 0) {
            let token = &mut self.keys.tokens[t];
            *token = token.apply(command, 1 << m, over, scenario.flaw);
        }
    }

    /// Forgets what can no longer matter of mutations that are over and done.
    pub(crate) fn settle(&mut self, scenario: &Scenario) {
        for m in 0..MUTATIONS {
            let done = !self.may_step(m, scenario) && self.mutations[m].life != Life::Committing;
            if done && !self.marked(m) && self.mutations[m].commit == 0 {
                let at = scenario.programs.get(m).map_or(0, |program| program.len() as u8);
                self.mutations[m] = Mutation { at, ..Mutation::default() };
            }
        }
    }

    fn op(&self, m: usize, scenario: &Scenario) -> Option<Op> {
        let Mutation { at, life, .. } = self.mutations[m];
        let program = scenario.programs.get(m).filter(|_| life == Life::Alive)?;
        program.get(usize::from(at)).copied()
    }

    fn commit(&mut self, m: usize, scenario: &Scenario) {
        self.version += 1;
        if scenario.promise != Promise::Linearizable {
            self.mutations[m].commit = self.version;
        }
    }

    /// From now on no read may begin that misses the commit of `m`.
    fn raise(&mut self, m: usize) {
        self.floor = self.floor.max(self.mutations[m].commit);
        self.mutations[m].commit = 0;
    }

    /// A dead mutation never answers; where it counts at all, it does from the end of its lease on.
    fn bury(&mut self, m: usize, scenario: &Scenario) {
        let Mutation { life, over, .. } = self.mutations[m];
        match scenario.promise {
            Promise::AfterLease if life == Life::Dead && over => self.raise(m),
            Promise::AfterAnswer if life == Life::Dead => self.mutations[m].commit = 0,
            _ => {}
        }
    }
}

fn rest(program: Program, at: u8) -> Program {
    program.get(usize::from(at)..).unwrap_or_default()
}

/// Whether neither a mark nor a commit is still to come from a living process.
fn ended(program: Program, at: u8) -> bool {
    !rest(program, at).iter().any(|op| matches!(op, Op::Begin(_) | Op::Commit | Op::End(_)))
}

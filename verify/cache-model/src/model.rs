//! The scenario as a model that the checker can walk through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stateright::{Model, Property};

use crate::action::{Action, actions};
use crate::canonical::canonical;
use crate::properties;
use crate::read::End;
use crate::scenario::{Faults, Scenario};
use crate::state::{Phase, World};
use crate::token::{Command, Token};

/// A scenario and a count of what its readers met.
#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    pub(crate) scenario: Scenario,
    pub(crate) tally: Arc<Tally>,
}

/// How many of the steps explored ended a read by a hit, and how many by a bypass.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) hits: AtomicU64,
    pub(crate) bypasses: AtomicU64,
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.scenario)]
    }

    fn actions(&self, world: &World, list: &mut Vec<Action>) {
        actions(world, &self.scenario, list);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = *world;
        let end = next.act(action, &self.scenario);
        match end {
            Some(End::Hit) => self.tally.hits.fetch_add(1, Ordering::Relaxed),
            Some(End::Bypass) => self.tally.bypasses.fetch_add(1, Ordering::Relaxed),
            None => 0,
        };
        next.settle(&self.scenario);
        canonical(&mut next, self.scenario.flaw);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl World {
    fn act(&mut self, action: Action, scenario: &Scenario) -> Option<End> {
        match action {
            Action::Read(r, key) => return self.read(r, key, scenario),
            Action::Create(r, t) => return self.create(r, t, scenario),
            Action::Run(r, run) => self.run(r, run, scenario.flaw),
            Action::Stamp(r, version) => self.stamp(r, version, scenario),
            Action::Store(f) => self.keys.value = self.fills[f].take(),
            Action::Step(m) => self.step(m, scenario),
            Action::Renew(m) => self.renew(m, scenario),
            Action::Lapse(m) => self.lapse(m, scenario),
            Action::Resolve(t) => {
                let over = self.over();
                let token = &mut self.keys.tokens[t];
                *token = token.apply(Command::Resolve, 0, over, scenario.flaw);
            }
            Action::Kill(m) => self.kill(m, false, scenario),
            Action::KillCommitting(m) => self.kill(m, true, scenario),
            Action::Land(m) => self.land(m, scenario),
            Action::EvictValue => {
                self.faults.evictions -= 1;
                self.keys.value = None;
            }
            Action::EvictToken(t) => {
                let Faults { evictions, lost_marks, .. } = &mut self.faults;
                let marked = matches!(self.keys.tokens[t], Token::Mark { .. });
                *if marked { lost_marks } else { evictions } -= 1;
                self.keys.tokens[t] = Token::Absent;
            }
            Action::Save => {
                self.faults.snapshots -= 1;
                self.snapshot = Some(self.keys);
            }
            Action::Restart => self.restart(),
        }
        None
    }

    /// A restart breaks every connection: a read that still talks to the server falls to the function.
    fn restart(&mut self) {
        self.faults.restarts -= 1;
        self.run += 1;
        self.keys = self.snapshot.unwrap_or_default();
        if self.faults.restarts == 0 {
            self.snapshot = None;
            self.faults.snapshots = 0;
        }
        for reader in self.readers.iter_mut().filter(|reader| reader.phase == Phase::Reading) {
            reader.finish();
        }
    }
}

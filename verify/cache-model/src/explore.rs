//! Runs the checker over a scenario and says what it found.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use stateright::{Checker, HasDiscoveries, Model};

use crate::model::{Protocol, Tally};
use crate::properties::{BYPASSES, FAULTS, HITS, PROMISE};
use crate::scenario::Scenario;

/// What a run of the checker found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The name of the scenario.
    pub name: &'static str,
    /// Different states seen.
    pub states: usize,
    /// The longest path to one of them.
    pub depth: usize,
    /// Whether there was nothing left to see.
    pub exhausted: bool,
    /// Steps that ended a read by a hit.
    pub hits: u64,
    /// Steps that ended a read by a bypass.
    pub bypasses: u64,
    /// Which of the properties of kind *sometimes* were met: hits, bypasses, every fault.
    pub met: [bool; 3],
    /// The shortest path to a hit that broke the promise, if there is one.
    pub broken: Option<Vec<String>>,
}

/// Walks through the states of `scenario`, breadth first, until a hit breaks the promise, nothing is left,
/// or `limit` steps were made. One thread, so that the same scenario gives the same report.
#[must_use]
pub fn explore(scenario: Scenario, limit: Option<usize>) -> Report {
    let tally = Arc::new(Tally::default());
    let model = Protocol { scenario, tally: Arc::clone(&tally) };
    let mut builder = model.checker().finish_when(HasDiscoveries::AnyFailures);
    if let Some(limit) = limit {
        builder = builder.target_state_count(limit);
    }
    let checker = builder.spawn_bfs().join();
    let hits = tally.hits.load(Ordering::Relaxed);
    let bypasses = tally.bypasses.load(Ordering::Relaxed);
    let found = checker.discoveries();
    let broken = found.get(PROMISE).map(|path| {
        path.clone().into_actions().iter().map(|action| format!("{action:?}")).collect::<Vec<_>>()
    });
    Report {
        name: scenario.name,
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        exhausted: broken.is_none() && limit.is_none_or(|limit| checker.state_count() < limit),
        hits,
        bypasses,
        met: [HITS, BYPASSES, FAULTS].map(|property| found.contains_key(property)),
        broken,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, states, depth, hits, bypasses, .. } = self;
        let end = match &self.broken {
            Some(steps) => format!("broken in {} steps", steps.len()),
            None if self.exhausted => "holds".to_owned(),
            None => "holds so far".to_owned(),
        };
        write!(f, "{name}: {end}; {states} states, depth {depth}, {hits} hits, {bypasses} bypasses")
    }
}

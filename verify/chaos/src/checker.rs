//! What was committed, asked and answered when, and what a read may have seen by that.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock;
use crate::keys;

/// So many findings of each kind are enough to read.
const FINDINGS: usize = 3;

/// A mutation, from the moment a writer sends it.
struct Mutation {
    sent: u64,
    /// When its response arrived, or when it was clear that none would.
    ended: Option<u64>,
    answered: bool,
    committed: bool,
}

/// A version of something: it began to hold then, by that mutation.
struct Version {
    committed: u64,
    mutation: usize,
}

/// The history of the whole race, by one clock.
#[derive(Default)]
struct History {
    /// By number; version 0 is what there was before the race.
    versions: Vec<Vec<Version>>,
    mutations: Vec<Mutation>,
    /// From when to when Redis was away; the last one may go on.
    restarts: Vec<(u64, u64)>,
    findings: Vec<(Judgement, String)>,
}

/// What a read was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Judgement {
    /// What held when it began, or something newer.
    Current,
    /// Older, by mutations alone that were under way while Redis restarted.
    Excused,
    /// Older than what was committed before it began.
    NotLinearizable,
    /// Older than a mutation whose answer had arrived before it began.
    Stale,
    /// A version that there never was.
    Wrong,
}

/// Judges every read of one race.
pub(crate) struct Checker(Mutex<History>);

impl Checker {
    pub(crate) fn new() -> Self {
        let versions = (0..keys::COUNT).map(|_| Vec::new()).collect();
        Self(Mutex::new(History { versions, ..History::default() }))
    }

    /// A writer is about to send a mutation; its number.
    pub(crate) fn sends(&self) -> usize {
        let mut history = self.history();
        let sent = clock::now();
        history.mutations.push(Mutation { sent, ended: None, answered: false, committed: false });
        history.mutations.len() - 1
    }

    /// Its response has arrived, or none will. Whether it had committed something.
    pub(crate) fn ends(&self, mutation: usize, answered: bool) -> bool {
        let mut history = self.history();
        let Some(mutation) = history.mutations.get_mut(mutation) else { return false };
        mutation.ended = Some(clock::now());
        mutation.answered = answered;
        mutation.committed
    }

    /// Commits a change of all these at one moment.
    pub(crate) fn commit(&self, mutation: usize, numbers: &[usize]) -> Vec<u64> {
        let mut history = self.history();
        if let Some(mutation) = history.mutations.get_mut(mutation) {
            mutation.committed = true;
        }
        let committed = clock::now();
        let mut new = Vec::with_capacity(numbers.len());
        for number in numbers {
            if let Some(versions) = history.versions.get_mut(*number) {
                versions.push(Version { committed, mutation });
                new.push(count(versions));
            }
        }
        new
    }

    /// The versions of all these at one moment.
    pub(crate) fn current(&self, numbers: &[usize]) -> Vec<u64> {
        let history = self.history();
        numbers.iter().filter_map(|number| Some(count(history.versions.get(*number)?))).collect()
    }

    /// Redis goes away.
    pub(crate) fn restart_begins(&self) {
        self.history().restarts.push((clock::now(), u64::MAX));
    }

    /// Redis is back.
    pub(crate) fn restart_ends(&self) {
        if let Some(last) = self.history().restarts.last_mut() {
            last.1 = clock::now();
        }
    }

    /// Judges what a read has seen that began at this time; `how` says more of it in a finding.
    pub(crate) fn judge(&self, seen: &[(usize, u64)], began: u64, how: &str) -> Judgement {
        let mut history = self.history();
        let judged = seen.iter().map(|seen| (history.judge(*seen, began), *seen));
        let Some((judgement, seen)) = judged.max() else { return Judgement::Wrong };
        let known = history.findings.iter().filter(|(known, _)| *known == judgement).count();
        if judgement > Judgement::Excused && known < FINDINGS {
            let finding = format!("{}; it was {how}", history.describe(judgement, seen, began));
            history.findings.push((judgement, finding));
        }
        judgement
    }

    /// The first reads of each kind that should not have been, the worst kind first.
    pub(crate) fn findings(&self) -> Vec<String> {
        let mut findings = self.history().findings.clone();
        findings.sort_by_key(|(judgement, _)| std::cmp::Reverse(*judgement));
        findings.into_iter().map(|(_, finding)| finding).collect()
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    fn judge(&self, (number, version): (usize, u64), began: u64) -> Judgement {
        let newer = usize::try_from(version).ok().and_then(|version| {
            self.versions.get(number).and_then(|versions| versions.get(version..))
        });
        let Some(newer) = newer else { return Judgement::Wrong };
        let before = newer.iter().take_while(|newer| newer.committed < began);
        before.map(|missed| self.missed(missed, began)).max().unwrap_or(Judgement::Current)
    }

    /// What it means that a read which began then has missed this version.
    fn missed(&self, version: &Version, began: u64) -> Judgement {
        let Some(mutation) = self.mutations.get(version.mutation) else { return Judgement::Wrong };
        let ended = mutation.ended.unwrap_or(u64::MAX);
        let over = |(away, back): &(u64, u64)| mutation.sent < *back && ended > *away;
        if mutation.answered && ended < began {
            Judgement::Stale
        } else if self.restarts.iter().any(over) {
            Judgement::Excused
        } else {
            Judgement::NotLinearizable
        }
    }

    fn describe(
        &self,
        judgement: Judgement,
        (number, version): (usize, u64),
        began: u64,
    ) -> String {
        let newer = usize::try_from(version).ok().and_then(|version| {
            self.versions.get(number).and_then(|versions| versions.get(version))
        });
        let mutation = newer.and_then(|newer| self.mutations.get(newer.mutation));
        let mut text =
            format!("{judgement:?}: a read of {number} began at {}", clock::seconds(began));
        text += &format!(" and saw version {version}");
        if let (Some(newer), Some(mutation)) = (newer, mutation) {
            let (sent, committed) =
                (clock::seconds(mutation.sent), clock::seconds(newer.committed));
            text += &format!("; the next was sent at {sent}, committed at {committed}");
            match (mutation.answered, mutation.ended) {
                (true, Some(ended)) => text += &format!(", answered at {}", clock::seconds(ended)),
                _ => text += ", never answered",
            }
        }
        match self.restarts.iter().rfind(|(away, _)| *away < began) {
            Some((away, _)) => text + &format!("; Redis went away at {}", clock::seconds(*away)),
            None => text,
        }
    }
}

fn count(versions: &[Version]) -> u64 {
    u64::try_from(versions.len()).unwrap_or(u64::MAX)
}

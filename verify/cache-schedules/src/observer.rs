//! Who sees every commit, answer and fault, and judges what reads returned.

use mizan_cache::MarkId;

use crate::places::ENTRIES;
use crate::report::Counts;
use crate::world::LEASE;

/// How far a mutation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It has not begun, or it has ended.
    Away,
    /// It has begun, and its commit is still to come.
    Begun,
    /// Its commit is on the way to the database.
    Sent,
    /// It has committed, and its end is still to come.
    Committed,
    /// Its process was killed, and its commit is on the way.
    Orphan,
}

#[derive(Debug, Clone)]
struct Mutation {
    process: usize,
    id: Option<MarkId>,
    phase: Phase,
    /// The entries that it changes, as bits.
    covers: u8,
    /// What it has made of them.
    versions: [u64; ENTRIES],
    /// Its marks were lost, or its lease was over, before its commit.
    exposed: bool,
    begun: bool,
    /// When its process was killed.
    killed: Option<u64>,
}

/// Everything that is known of a schedule.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    mutations: Vec<Mutation>,
    /// The mutation that asks for the number of its mark.
    asking: Option<usize>,
    /// No read that begins now may return an older version.
    floor: [u64; ENTRIES],
    /// Floors that come with time: mutations that died.
    later: Vec<(u64, [u64; ENTRIES])>,
    /// Something has happened after which hits are not linearizable any more, but still never older
    /// than what was answered.
    pub(crate) weak: bool,
    /// Something may have left a mark behind.
    pub(crate) stray: bool,
    pub(crate) counts: Counts,
    /// What went wrong first.
    pub(crate) violation: Option<String>,
    /// How often functions of each entry ran.
    pub(crate) runs: [u32; ENTRIES],
}

/// What is known when a read begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// The version at that instant.
    version: u64,
    /// The least version that was promised to everyone at that instant.
    floor: u64,
}

impl Observer {
    /// A mutation that will change these entries, if nothing comes in between.
    pub(crate) fn plan(&mut self, process: usize, covers: u8) -> usize {
        self.mutations.push(Mutation {
            process,
            id: None,
            phase: Phase::Away,
            covers,
            versions: [0; ENTRIES],
            exposed: false,
            begun: false,
            killed: None,
        });
        self.mutations.len() - 1
    }

    pub(crate) fn covers(&self, mutation: usize) -> u8 {
        self.mutations[mutation].covers
    }

    /// It begins, and its next step is to ask for a number.
    pub(crate) fn begins(&mut self, mutation: usize) {
        self.asking = Some(mutation);
        self.mutations[mutation].phase = Phase::Begun;
        self.counts.mutations += 1;
    }

    /// A number was given to the caller.
    pub(crate) fn number(&mut self, id: MarkId) {
        if let Some(mutation) = self.asking.take() {
            self.mutations[mutation].id = Some(id);
        }
    }

    pub(crate) fn sent(&mut self, mutation: usize) {
        self.mutations[mutation].phase = Phase::Sent;
    }

    pub(crate) fn committed(&mut self, mutation: usize, database: [u64; ENTRIES]) {
        let mutation = &mut self.mutations[mutation];
        for (entry, version) in database.into_iter().enumerate() {
            if mutation.covers >> entry & 1 == 1 {
                mutation.versions[entry] = version;
            }
        }
        mutation.phase = match mutation.phase {
            Phase::Orphan => Phase::Away,
            _ => Phase::Committed,
        };
        if let Some(killed) = mutation.killed
            && !mutation.exposed
        {
            self.later.push((killed + LEASE, mutation.versions));
        }
    }

    /// It is over: refused, failed before its commit, or answered.
    pub(crate) fn over(&mut self, mutation: usize, answered: bool) {
        let mutation = &mut self.mutations[mutation];
        mutation.phase = Phase::Away;
        if answered {
            raise(&mut self.floor, mutation.versions);
        }
    }

    pub(crate) fn exposed(&self, mutation: usize) -> bool {
        self.mutations[mutation].exposed
    }

    pub(crate) fn has_begun(&self, id: MarkId) -> bool {
        self.by_id(id).is_some_and(|mutation| mutation.begun)
    }

    pub(crate) fn begun(&mut self, id: MarkId) {
        if let Some(mutation) = self.by_id_mut(id) {
            mutation.begun = true;
        }
    }

    /// Whether the holder of a mark may still commit.
    pub(crate) fn will_commit(&self, id: MarkId) -> bool {
        self.by_id(id).is_some_and(Mutation::will_commit)
    }

    /// Whether a mark belongs to a mutation, and not to a build that has joined.
    pub(crate) fn is_mutation(&self, id: MarkId) -> bool {
        self.by_id(id).is_some()
    }

    /// The lease of this mark was over at some time.
    pub(crate) fn lapsed(&mut self, id: MarkId) {
        if let Some(mutation) = self.by_id_mut(id)
            && mutation.will_commit()
        {
            mutation.exposed = true;
            self.weak = true;
            self.counts.lapses += 1;
        }
    }

    /// The store has lost what it knew of these mutations, or of all.
    pub(crate) fn marks_lost(&mut self, lost: impl Fn(MarkId) -> bool) {
        for mutation in &mut self.mutations {
            if mutation.will_commit() && mutation.id.is_none_or(&lost) {
                mutation.exposed = true;
                self.weak = true;
            }
        }
    }

    /// Whether a killed mutation's commit is still on its way: then nothing else may go wrong.
    pub(crate) fn orphans(&self) -> bool {
        self.mutations.iter().any(|mutation| mutation.phase == Phase::Orphan)
    }

    /// Whether some mutation may still commit.
    pub(crate) fn busy(&self) -> bool {
        self.mutations.iter().any(Mutation::will_commit)
    }

    /// Whether a process may be killed: none of its mutations has lost its marks.
    pub(crate) fn may_kill(&self, process: usize) -> bool {
        let of =
            |mutation: &&Mutation| mutation.process == process && mutation.phase != Phase::Away;
        !self.mutations.iter().filter(of).any(|mutation| mutation.exposed)
    }

    /// Whether a mutation of this process is under way.
    pub(crate) fn has_mutation(&self, process: usize) -> bool {
        let of = |mutation: &Mutation| mutation.process == process && mutation.phase != Phase::Away;
        self.mutations.iter().any(of)
    }

    /// A process was killed. Gives the mutations whose commit is on its way.
    pub(crate) fn killed(&mut self, process: usize, now: u64) -> Vec<usize> {
        let mut sent = Vec::new();
        self.stray = true;
        for (number, mutation) in self.mutations.iter_mut().enumerate() {
            if mutation.process != process || mutation.phase == Phase::Away {
                continue;
            }
            mutation.killed = Some(now);
            match mutation.phase {
                Phase::Sent => {
                    mutation.phase = Phase::Orphan;
                    sent.push(number);
                }
                Phase::Committed => {
                    mutation.phase = Phase::Away;
                    self.later.push((now + LEASE, mutation.versions));
                }
                // It never commits.
                _ => mutation.phase = Phase::Away,
            }
        }
        sent
    }

    /// The commit of a killed mutation never lands.
    pub(crate) fn vanished(&mut self, mutation: usize) {
        self.mutations[mutation].phase = Phase::Away;
    }

    pub(crate) fn time(&mut self, now: u64) {
        let floor = &mut self.floor;
        self.later.retain(|(at, versions)| {
            if *at <= now {
                raise(floor, *versions);
            }
            *at > now
        });
    }

    pub(crate) fn start(&self, entry: usize, version: u64) -> Start {
        Start { version, floor: self.floor[entry] }
    }

    /// Judges what a read returned. `linearizable` says what was promised.
    pub(crate) fn check(&mut self, start: Start, got: u64, now: u64, linearizable: bool) {
        let least = if linearizable && !self.weak { start.version } else { start.floor };
        if got < least || got > now {
            self.counts.stale += 1;
            let weak = if self.weak { ", after a fault that weakens the promise" } else { "" };
            self.fail(format!(
                "a read returned version {got}; promised were {least} to {now}{weak}"
            ));
        }
    }

    pub(crate) fn fail(&mut self, violation: String) {
        self.violation.get_or_insert(violation);
    }

    fn by_id(&self, id: MarkId) -> Option<&Mutation> {
        self.mutations.iter().find(|mutation| mutation.id == Some(id))
    }

    fn by_id_mut(&mut self, id: MarkId) -> Option<&mut Mutation> {
        self.mutations.iter_mut().find(|mutation| mutation.id == Some(id))
    }
}

impl Mutation {
    fn will_commit(&self) -> bool {
        matches!(self.phase, Phase::Begun | Phase::Sent | Phase::Orphan)
    }
}

fn raise(floor: &mut [u64; ENTRIES], versions: [u64; ENTRIES]) {
    for entry in 0..ENTRIES {
        floor[entry] = floor[entry].max(versions[entry]);
    }
}

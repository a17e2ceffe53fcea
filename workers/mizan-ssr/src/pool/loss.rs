//! What becomes of the renders of a worker that is lost, and who is to blame.

use super::quarantine::Verdict;
use super::queue::Job;
use super::worker::{Flight, Phase, Worker};
use super::{Action, Event, Failure, Pool, Time, Trust, WorkerId};

/// After this number of workers in a row that never responded, workers that come up prove nothing.
const FRUITLESS: u32 = 3;

impl Pool {
    /// Kills workers in which a render has taken longer than the deadline.
    pub(super) fn kill_hung(&mut self, now: Time) {
        let hung: Vec<(WorkerId, usize)> = self
            .workers
            .iter()
            .filter(|(_, worker)| worker.phase != Phase::Dying)
            .filter_map(|(id, worker)| {
                let (at, culprit) = worker.hangs_at(&self.settings)?;
                (at <= now).then_some((*id, culprit))
            })
            .collect();
        for (id, culprit) in hung {
            self.note_fruit(id);
            let flights = self.kill(id);
            let Some(input) = flights.get(culprit).map(|flight| flight.input.clone()) else {
                continue;
            };
            self.counts.killed += 1;
            self.counts.died += 1;
            self.log(Event::Hung { worker: id, component: input.component.clone() });
            self.strike(input.hash, &input.component, true, now);
            self.put_back(now, flights, |_| {});
            self.death(now, true);
        }
    }

    /// A worker's process has ended.
    pub(crate) fn died(&mut self, now: Time, id: WorkerId) {
        self.note_fruit(id);
        let Some(mut worker) = self.workers.remove(&id) else { return };
        let flights = std::mem::take(&mut worker.flights);
        match worker.phase {
            Phase::Dying => {}
            Phase::Draining | Phase::Closed(_) if flights.is_empty() => {}
            Phase::Starting if self.candidate == Some(worker.generation) => {
                self.candidate = None;
                self.log(Event::SwapFailed);
            }
            phase => {
                self.counts.died += 1;
                let starting = phase == Phase::Starting;
                if starting {
                    self.trust = Trust::Broken;
                }
                let renders = flights.iter().filter(|flight| flight.job.is_some()).count();
                let explained = self.blame(flights, now);
                let pause = self.death(now, explained);
                self.log(Event::Died { worker: id, ready: !starting, renders, pause });
            }
        }
        self.settle(now);
    }

    /// Finds out which input to blame for a death, and gives each render its second chance, alone in
    /// a worker. True if an input is refused from now on.
    fn blame(&mut self, flights: Vec<Flight>, now: Time) -> bool {
        let mut hashes: Vec<_> = flights.iter().map(|flight| &flight.input).collect();
        hashes.sort_by_key(|input| input.hash);
        hashes.dedup_by_key(|input| input.hash);
        let sure = hashes.len() == 1;
        let inputs: Vec<_> = hashes.into_iter().cloned().collect();
        let mut refused = false;
        for input in inputs {
            refused |= self.strike(input.hash, &input.component, sure, now);
        }
        self.put_back(now, flights, |job| {
            job.deaths += 1;
            job.alone = true;
        });
        refused
    }

    /// Puts the renders of a lost worker in front of the queue. Those with which two have died are over.
    fn put_back(&mut self, now: Time, flights: Vec<Flight>, change: impl Fn(&mut Job)) {
        let mut jobs: Vec<Job> = flights.into_iter().filter_map(|flight| flight.job).collect();
        jobs.iter_mut().for_each(change);
        let is_over = |job: &Job| {
            job.deaths >= 2 || self.quarantine.verdict(job.input.hash, now) == Verdict::Refused
        };
        let (over, again): (Vec<_>, Vec<_>) = jobs.into_iter().partition(is_over);
        for job in over {
            let failure = if job.deaths > 0 { Failure::Crashed } else { Failure::Quarantined };
            self.finish(&job, failure);
        }
        self.queue.put_back(again);
    }

    /// Notes that a worker was lost with an input. Where that is refused now, so are those that wait.
    fn strike(&mut self, hash: u64, component: &str, sure: bool, now: Time) -> bool {
        let refused = self.quarantine.strike(hash, sure, now);
        if refused {
            self.log(Event::Quarantined { component: component.into() });
            while let Some(job) = self.queue.of_hash(hash) {
                self.finish(&job, Failure::Quarantined);
            }
        }
        refused
    }

    /// Notes whether a worker that is lost has never responded, though it was asked.
    fn note_fruit(&mut self, id: WorkerId) {
        let fruitless = |worker: &Worker| {
            worker.is_ready() && worker.responses == 0 && !worker.flights.is_empty()
        };
        if self.workers.get(&id).is_some_and(fruitless) {
            self.fruitless += 1;
            if self.fruitless >= FRUITLESS {
                self.trust = Trust::Broken;
            }
        }
    }

    /// Takes a worker out of the pool, and gives back what it had.
    pub(super) fn kill(&mut self, id: WorkerId) -> Vec<Flight> {
        let Some(worker) = self.workers.get_mut(&id) else { return Vec::new() };
        worker.phase = Phase::Dying;
        self.actions.push(Action::Kill { worker: id, now: false });
        std::mem::take(&mut worker.flights)
    }

    /// Counts a death, and decides when the next worker is started. Where an input explains it, nothing is wrong with
    /// workers, and with the death before this one neither; unless none of them has responded for a while.
    pub(super) fn death(&mut self, now: Time, explained: bool) -> std::time::Duration {
        if explained && self.fruitless < FRUITLESS {
            self.breaker.forgive();
        } else if self.breaker.death(now) {
            self.counts.opened += 1;
            self.log(Event::Opened);
        }
        let jitter = self.random();
        let pause = self.breaker.pause(now, jitter);
        self.spawn_at = self.spawn_at.max(now + pause);
        pause
    }
}

//! Which worker gets which render, and what becomes of the renders of a worker that is lost.

use super::queue::Job;
use super::worker::{Flight, Phase};
use super::{Action, Event, Failure, Pool, Time, Trust, WorkerId};

impl Pool {
    /// Sends what can be sent: least loaded first, then the one that has waited longest.
    pub(super) fn dispatch(&mut self, now: Time) {
        while let Some(alone) = self.queue.front_is_alone() {
            let Some(first) = self.least_loaded(None) else { return };
            if !alone {
                self.send(first, now, |pool| pool.queue.pop());
                continue;
            }
            // A render that must be alone keeps the least loaded worker for itself, until that is empty.
            if self.workers.get(&first).is_some_and(|worker| worker.flights.is_empty()) {
                self.send(first, now, |pool| pool.queue.pop());
                continue;
            }
            let Some(second) = self.least_loaded(Some(first)) else { return };
            if !self.send(second, now, |pool| pool.queue.pop_sociable()) {
                return;
            }
        }
    }

    fn least_loaded(&self, except: Option<WorkerId>) -> Option<WorkerId> {
        let with_room = self
            .workers
            .iter()
            .filter(|(id, worker)| Some(**id) != except && worker.has_room(&self.settings));
        let first = with_room.min_by_key(|(_, worker)| (worker.flights.len(), worker.last_sent));
        first.map(|(id, _)| *id)
    }

    fn send(&mut self, id: WorkerId, now: Time, take: impl Fn(&mut Self) -> Option<Job>) -> bool {
        let Some(job) = take(self) else { return false };
        let Some(worker) = self.workers.get_mut(&id) else { return false };
        let moved = u64::from(job.sent);
        let job_id = job.id;
        let request = worker.send(job, now);
        self.counts.moved += moved;
        self.actions.push(Action::Send { worker: id, request, job: job_id });
        true
    }

    /// Ends the wait of callers whose time is up.
    pub(super) fn expire(&mut self, now: Time) {
        while let Some(job) = self.queue.expired(now) {
            let failure = match (job.sent, job.deaths) {
                (true, 0) => Failure::Deadline,
                (true, _) => Failure::Crashed,
                (false, _) if self.is_ready() => Failure::Busy,
                (false, _) => Failure::Unavailable,
            };
            self.finish(&job, failure);
        }
        let flights = self.workers.values_mut().flat_map(|worker| &mut worker.flights);
        let late: Vec<Job> =
            flights.filter_map(|flight| flight.job.take_if(|job| job.deadline <= now)).collect();
        late.iter().for_each(|job| self.finish(job, Failure::Deadline));
    }

    /// Moves what waits behind a render that takes long to workers with room.
    pub(super) fn move_from_silent(&mut self, now: Time) {
        let settings = &self.settings;
        let silent = |id: &WorkerId| {
            let at = self.workers.get(id).and_then(|worker| worker.silent_at(settings));
            at.is_some_and(|at| at <= now)
        };
        let silent: Vec<WorkerId> = self.workers.keys().copied().filter(silent).collect();
        for id in &silent {
            if let Some(worker) = self.workers.get_mut(id) {
                worker.silent = true;
            }
        }
        for id in silent {
            let room: usize = self
                .workers
                .values()
                .filter(|worker| worker.has_room(&self.settings))
                .map(|worker| self.settings.in_flight - worker.flights.len())
                .sum();
            let Some(worker) = self.workers.get_mut(&id) else { continue };
            let Some((_, oldest)) = worker.hangs_at(&self.settings) else { continue };
            let others = worker.flights.iter_mut().enumerate().filter(|(at, _)| *at != oldest);
            let jobs = others.filter_map(|(_, flight)| flight.job.take()).take(room).collect();
            self.queue.put_back(jobs);
            self.dispatch(now);
        }
    }

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
            let flights = self.kill(id);
            let Some(input) = flights.get(culprit).map(|flight| flight.input.clone()) else {
                continue;
            };
            self.counts.killed += 1;
            self.counts.died += 1;
            self.log(Event::Hung { worker: id, component: input.component.clone() });
            self.strike(input.hash, &input.component, true, now);
            self.put_back(flights, |_| {});
            self.death(now, true);
        }
    }

    /// A worker's process has ended.
    pub(crate) fn died(&mut self, now: Time, id: WorkerId) {
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
        self.put_back(flights, |job| {
            job.deaths += 1;
            job.alone = true;
        });
        refused
    }

    /// Puts the renders of a lost worker in front of the queue. Those with which two have died are over.
    fn put_back(&mut self, flights: Vec<Flight>, change: impl Fn(&mut Job)) {
        let mut jobs: Vec<Job> = flights.into_iter().filter_map(|flight| flight.job).collect();
        jobs.iter_mut().for_each(change);
        let (over, again): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.deaths >= 2);
        over.iter().for_each(|job| self.finish(job, Failure::Crashed));
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

    /// Takes a worker out of the pool, and gives back what it had.
    pub(super) fn kill(&mut self, id: WorkerId) -> Vec<Flight> {
        let Some(worker) = self.workers.get_mut(&id) else { return Vec::new() };
        worker.phase = Phase::Dying;
        self.actions.push(Action::Kill { worker: id, now: false });
        std::mem::take(&mut worker.flights)
    }

    /// Counts a death, and decides when the next worker is started.
    pub(super) fn death(&mut self, now: Time, explained: bool) -> std::time::Duration {
        if self.breaker.death(now, explained) {
            self.counts.opened += 1;
            self.log(Event::Opened);
        }
        let jitter = self.random();
        let pause = self.breaker.pause(now, jitter);
        self.spawn_at = self.spawn_at.max(now + pause);
        pause
    }
}

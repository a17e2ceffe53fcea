//! What is done after every change: the size of the pool, and what is overdue.

use std::time::Duration;

use super::breaker::LONGEST;
use super::worker::{Phase, Worker};
use super::{Action, Event, Failure, Pool, Time, Trust, WorkerId};

/// How long a worker has to end after its stdin was closed.
const CLOSING: Duration = Duration::from_secs(2);

impl Pool {
    /// Brings everything in line with the time and the state.
    pub(super) fn settle(&mut self, now: Time) {
        self.expire(now);
        self.kill_hung(now);
        self.kill_overdue(now);
        if self.is_ready() && self.breaker.calm(now) {
            self.spawn_at = now;
            self.log(Event::Closed);
        }
        if self.stopping.is_none_or(|until| now < until) {
            self.resize(now);
        } else {
            self.give_up();
        }
        if self.is_hopeless() {
            self.refuse_all(Failure::Unavailable);
        }
        self.move_from_silent(now);
        self.dispatch(now);
        self.ping(now);
        self.close_drained(now);
    }

    /// When [`Self::tick`] has something to do, at the latest.
    pub(crate) fn next(&self) -> Option<Time> {
        let workers = self.workers.values().filter_map(|worker| worker.next(&self.settings)).min();
        let spawn = self.wants().map(|_| self.spawn_at);
        let calm = self.breaker.calm_at().filter(|_| self.is_ready());
        let stop = self.stopping.filter(|_| !self.is_idle());
        [workers, self.queue.next_expiry(), spawn, calm, stop].into_iter().flatten().min()
    }

    /// The generation of a worker that is missing.
    fn wants(&self) -> Option<u64> {
        if self.stopping.is_some() && self.is_idle() {
            return None;
        }
        let live = self.workers.values().filter(|worker| worker.is_live());
        let live = live.filter(|worker| Some(worker.generation) != self.candidate);
        let (mut count, mut starting, mut worn) = (0, 0, false);
        for worker in live {
            count += 1;
            starting += usize::from(worker.phase == Phase::Starting);
            worn |= self.is_to_replace(worker);
        }
        // While it is not known that workers come up, one at a time is tried.
        let careful = self.trust != Trust::Proven || self.breaker.is_open();
        let wanted = if careful && starting > 0 || self.breaker.is_open() && count > 0 {
            false
        } else if count < self.settings.workers {
            true
        } else {
            worn && starting == 0 && count == self.settings.workers && self.stopping.is_none()
        };
        wanted.then_some(self.generation)
    }

    /// Drains workers that have a replacement, and starts missing ones.
    fn resize(&mut self, now: Time) {
        loop {
            let ready = self.workers.values().filter(|worker| worker.is_ready()).count();
            let oldest = self
                .workers
                .iter()
                .find(|(_, worker)| worker.is_ready() && self.is_to_replace(worker));
            let Some((&id, _)) = oldest.filter(|_| ready > self.settings.workers) else { break };
            if let Some(worker) = self.workers.get_mut(&id) {
                worker.phase = Phase::Draining;
            }
            self.counts.recycled += 1;
            self.log(Event::Recycled { worker: id });
        }
        while now >= self.spawn_at
            && let Some(generation) = self.wants()
        {
            self.spawn(now, generation);
        }
    }

    fn is_to_replace(&self, worker: &Worker) -> bool {
        worker.is_ready() && (worker.worn || worker.generation < self.generation)
    }

    pub(super) fn spawn(&mut self, now: Time, generation: u64) {
        self.spawned += 1;
        self.counts.spawned += 1;
        // Within a tenth of the setting, so that workers are not replaced together.
        let recycle = self.settings.recycle;
        let lifetime = recycle - recycle / 10 + recycle * u64::from(self.random()) / 5_000;
        self.workers.insert(self.spawned, Worker::new(generation, now, lifetime));
        self.actions.push(Action::Spawn { worker: self.spawned, generation });
        if self.breaker.is_open() {
            self.spawn_at = now + LONGEST;
        }
    }

    /// Kills what is not ready, not closed or not responding in time.
    fn kill_overdue(&mut self, now: Time) {
        let overdue =
            |worker: &Worker| worker.overdue_at(&self.settings).is_some_and(|at| at <= now);
        let late = self.workers.iter().filter(|(_, worker)| overdue(worker));
        let late: Vec<(WorkerId, Phase, u64)> =
            late.map(|(id, worker)| (*id, worker.phase, worker.generation)).collect();
        for (id, phase, generation) in late {
            self.kill(id);
            match phase {
                Phase::Starting if self.candidate == Some(generation) => {
                    self.candidate = None;
                    self.log(Event::SwapFailed);
                }
                Phase::Starting => {
                    self.trust = Trust::Broken;
                    self.counts.died += 1;
                    self.log(Event::NotReady { worker: id });
                    self.death(now, false);
                }
                Phase::Ready => {
                    self.counts.died += 1;
                    self.log(Event::Unresponsive { worker: id });
                    self.death(now, false);
                }
                _ => {}
            }
        }
    }

    fn ping(&mut self, now: Time) {
        for (id, worker) in &mut self.workers {
            if let Some(request) = worker.ping(now, &self.settings) {
                self.actions.push(Action::Ping { worker: *id, request });
            }
        }
    }

    /// Closes workers that have nothing left to do.
    fn close_drained(&mut self, now: Time) {
        let stopped = self.stopping.is_some() && self.is_idle();
        for (id, worker) in &mut self.workers {
            let drained = worker.phase == Phase::Draining && worker.flights.is_empty();
            if drained || stopped && matches!(worker.phase, Phase::Ready | Phase::Draining) {
                worker.phase = Phase::Closed(now + CLOSING);
                self.actions.push(Action::Close { worker: *id });
            } else if stopped && worker.phase == Phase::Starting {
                worker.phase = Phase::Dying;
                self.actions.push(Action::Kill { worker: *id, now: true });
            }
        }
    }

    /// The time to stop is over.
    fn give_up(&mut self) {
        self.refuse_all(Failure::Stopped);
        let flights = self.workers.values_mut().flat_map(|worker| &mut worker.flights);
        let jobs: Vec<_> = flights.filter_map(|flight| flight.job.take()).collect();
        jobs.iter().for_each(|job| self.finish(job, Failure::Stopped));
        for (id, worker) in &mut self.workers {
            if worker.phase != Phase::Dying {
                worker.phase = Phase::Dying;
                self.actions.push(Action::Kill { worker: *id, now: true });
            }
        }
    }

    fn refuse_all(&mut self, failure: Failure) {
        while let Some(job) = self.queue.pop() {
            self.finish(&job, failure);
        }
    }

    /// Whether no caller waits for a render.
    fn is_idle(&self) -> bool {
        let mut flights = self.workers.values().flat_map(|worker| &worker.flights);
        self.queue.len() == 0 && flights.all(|flight| flight.job.is_none())
    }
}

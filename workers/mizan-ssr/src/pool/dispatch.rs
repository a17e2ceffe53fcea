//! Which worker gets which render.

use super::queue::Job;
use super::{Action, Failure, Pool, Time, WorkerId};

impl Pool {
    /// Sends what can be sent: least loaded first, then the one that has waited longest.
    pub(super) fn dispatch(&mut self, now: Time) {
        while let Some(alone) = self.queue.front_is_alone() {
            let Some(first) = self.least_loaded(None) else { return };
            if !alone {
                self.send(first, now, |pool| pool.queue.pop());
                continue;
            }
            // A render that must be alone does not get the only worker that is left while others need it. It keeps the
            // least loaded of several for itself, until that is empty.
            let last = self.workers.values().filter(|worker| worker.is_ready()).count() == 1;
            if last && self.send(first, now, |pool| pool.queue.pop_sociable()) {
                continue;
            }
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
        let with_room = self.workers.iter().filter(|(id, worker)| {
            Some(**id) != except && worker.has_room(&self.settings, self.typical)
        });
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
                .filter(|worker| worker.has_room(&self.settings, self.typical))
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
}

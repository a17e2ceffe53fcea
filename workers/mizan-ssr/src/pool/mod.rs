//! Who renders what, and when: the rules of the supervisor, without I/O and without a clock.
//!
//! Every method takes the time, changes the state, and leaves what has to be done in a list of [`Action`]s. The
//! times are those since the start of the renderer.

mod breaker;
mod dispatch;
mod loss;
mod quarantine;
mod queue;
mod upkeep;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use breaker::Breaker;
use quarantine::{Quarantine, Verdict};
use queue::{Job, Queue, half};
use worker::{Phase, Worker};

use crate::counts::Counts;
use crate::settings::Settings;

pub(crate) type Time = Duration;
pub(crate) type JobId = u64;
pub(crate) type WorkerId = u64;

/// What a render is made from, as far as the rules are concerned.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) component: Box<str>,
    /// Of component, props and bundles.
    pub(crate) hash: u64,
    pub(crate) bytes: usize,
}

/// Why a render has no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Busy,
    Deadline,
    Crashed,
    Quarantined,
    Unavailable,
    Stopped,
}

/// What a worker responded to a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Response {
    Page,
    Error,
    TooLarge,
}

/// What is to be done outside.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    Spawn {
        worker: WorkerId,
        generation: u64,
    },
    Send {
        worker: WorkerId,
        request: u64,
        job: JobId,
    },
    Ping {
        worker: WorkerId,
        request: u64,
    },
    /// Close its stdin.
    Close {
        worker: WorkerId,
    },
    /// Ask it to end, and end it 100 ms later; at once if `now`.
    Kill {
        worker: WorkerId,
        now: bool,
    },
    Finish {
        job: JobId,
        failure: Failure,
    },
    Log(Event),
}

/// What an operator may want to read.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    Ready { worker: WorkerId, after: Duration },
    Died { worker: WorkerId, ready: bool, renders: usize, pause: Duration },
    Hung { worker: WorkerId, component: Box<str> },
    Unresponsive { worker: WorkerId },
    NotReady { worker: WorkerId },
    Quarantined { component: Box<str> },
    Opened,
    Closed,
    Recycled { worker: WorkerId },
    SwapFailed,
}

/// What is known of whether new workers come up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// None has been started yet.
    New,
    /// The last one that was started became ready.
    Proven,
    /// The last one that was started did not.
    Broken,
}

#[derive(Debug)]
pub(crate) struct Pool {
    settings: Settings,
    workers: BTreeMap<WorkerId, Worker>,
    queue: Queue,
    breaker: Breaker,
    quarantine: Quarantine,
    trust: Trust,
    /// How many workers in a row were lost without a response.
    fruitless: u32,
    /// No worker is started before this time.
    spawn_at: Time,
    /// Which of the commands new workers run.
    generation: u64,
    /// The command that is tried, to be the next generation.
    candidate: Option<u64>,
    /// Nothing is accepted any more; everything ends by this time.
    stopping: Option<Time>,
    /// How long a render takes, as a rule.
    typical: Duration,
    counts: Counts,
    jobs: JobId,
    spawned: WorkerId,
    random: u64,
    actions: Vec<Action>,
}

impl Pool {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        Self {
            settings,
            workers: BTreeMap::new(),
            queue: Queue::default(),
            breaker: Breaker::default(),
            quarantine: Quarantine::default(),
            trust: Trust::New,
            fruitless: 0,
            spawn_at: Time::ZERO,
            generation: 0,
            candidate: None,
            stopping: None,
            typical: Duration::ZERO,
            counts: Counts::default(),
            jobs: 0,
            spawned: 0,
            random: seed,
            actions: Vec::new(),
        }
    }

    /// What has to be done now, in this order.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Accepts a render, or refuses it at once.
    pub(crate) fn submit(&mut self, now: Time, input: Input) -> Result<JobId, Failure> {
        let verdict = self.quarantine.verdict(input.hash, now);
        let refusal = if self.stopping.is_some() {
            Some(Failure::Stopped)
        } else if verdict == Verdict::Refused {
            Some(Failure::Quarantined)
        } else if self.is_hopeless() {
            Some(Failure::Unavailable)
        } else if self.queue.len() >= self.settings.queue
            || self.queue.bytes() + input.bytes > self.settings.queue_bytes
        {
            Some(Failure::Busy)
        } else {
            None
        };
        if let Some(failure) = refusal {
            self.count(failure);
            return Err(failure);
        }
        self.jobs += 1;
        self.queue.push(Job {
            id: self.jobs,
            input: Arc::new(input),
            deadline: now + self.settings.deadline,
            patience: now + half(self.settings.deadline),
            sent: false,
            deaths: 0,
            alone: verdict == Verdict::Suspect,
        });
        self.settle(now);
        Ok(self.jobs)
    }

    /// The caller of a render has left.
    pub(crate) fn cancel(&mut self, now: Time, job: JobId) {
        let mut flights = self.workers.values_mut().flat_map(|worker| &mut worker.flights);
        let flight = flights.find(|flight| flight.job.as_ref().is_some_and(|own| own.id == job));
        let cancelled = match flight {
            Some(flight) => flight.job.take(),
            None => self.queue.of_id(job),
        };
        self.counts.cancelled += u64::from(cancelled.is_some());
        self.settle(now);
    }

    /// A worker has sent its ready line.
    pub(crate) fn ready(&mut self, now: Time, id: WorkerId) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        if worker.phase != Phase::Starting {
            return;
        }
        worker.phase = Phase::Ready;
        worker.heard(now);
        let (after, generation) = (now - worker.spawned, worker.generation);
        self.trust = Trust::Proven;
        if self.candidate == Some(generation) {
            self.candidate = None;
            self.generation = generation;
            self.breaker.reset();
            self.spawn_at = now;
        }
        self.log(Event::Ready { worker: id, after });
        self.settle(now);
    }

    /// A worker has responded to a request. The job is the one whose caller waits for this response.
    pub(crate) fn respond(
        &mut self,
        now: Time,
        id: WorkerId,
        request: u64,
        response: Response,
    ) -> Option<JobId> {
        let worker = self.workers.get_mut(&id)?;
        let spawned = worker.spawned;
        let flight = worker.land(request, now)?;
        self.typical = (self.typical * 7 + now.saturating_sub(flight.started)) / 8;
        self.fruitless = 0;
        self.quarantine.clear(flight.input.hash);
        if self.breaker.response(spawned) {
            self.spawn_at = now;
            self.log(Event::Closed);
        }
        let job = flight.job.map(|job| job.id);
        if job.is_some() {
            *match response {
                Response::Page => &mut self.counts.rendered,
                Response::Error => &mut self.counts.failed,
                Response::TooLarge => &mut self.counts.too_large,
            } += 1;
        }
        self.settle(now);
        job
    }

    /// A worker has responded to a ping.
    pub(crate) fn pong(&mut self, now: Time, id: WorkerId, request: u64, rss: u64) {
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.pong(request, rss, now, &self.settings);
        }
        self.settle(now);
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Time) {
        self.settle(now);
    }

    /// From now on workers run another command, if one of them becomes ready.
    pub(crate) fn swap(&mut self, now: Time, generation: u64) {
        for (id, worker) in &mut self.workers {
            if Some(worker.generation) == self.candidate && worker.phase == Phase::Starting {
                worker.phase = Phase::Dying;
                self.actions.push(Action::Kill { worker: *id, now: true });
            }
        }
        self.candidate = Some(generation);
        self.spawn(now, generation);
        self.settle(now);
    }

    /// Whether all renders from now on are of this generation or a later one. `None`: not yet.
    pub(crate) fn swapped(&self, generation: u64) -> Option<bool> {
        if self.candidate.is_some_and(|candidate| candidate >= generation) {
            return None;
        }
        if self.generation < generation {
            return Some(false);
        }
        let is_stale = |worker: &Worker| worker.is_live() && worker.generation < generation;
        (!self.workers.values().any(is_stale)).then_some(true)
    }

    /// Accepts nothing more and ends when everything has its outcome, by this time at the latest.
    pub(crate) fn stop(&mut self, now: Time, grace: Duration) {
        let until = now + grace;
        self.stopping = Some(self.stopping.map_or(until, |earlier| earlier.min(until)));
        self.settle(now);
    }

    /// Whether it was told to stop and nothing is left.
    pub(crate) fn has_ended(&self) -> bool {
        self.stopping.is_some() && self.workers.is_empty()
    }

    /// Whether a render is accepted and has a worker that is up.
    pub(crate) fn is_ready(&self) -> bool {
        self.stopping.is_none() && self.workers.values().any(Worker::is_ready)
    }

    /// Whether a render would wait in vain: no worker is ready, and the last one did not come up.
    pub(crate) fn is_hopeless(&self) -> bool {
        (self.trust == Trust::Broken || self.breaker.is_open())
            && !self.workers.values().any(Worker::is_ready)
    }

    pub(crate) fn counts(&self, now: Time) -> Counts {
        let workers = self.workers.values();
        let flights = workers.flat_map(|worker| &worker.flights);
        Counts {
            queued: self.queue.len(),
            in_flight: flights.filter(|flight| flight.job.is_some()).count(),
            ready: self.workers.values().filter(|worker| worker.is_ready()).count(),
            refused_inputs: self.quarantine.refused(now),
            open: self.breaker.is_open(),
            ..self.counts.clone()
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_some()
    }

    /// A render was refused before it came here.
    pub(crate) fn count_too_large(&mut self) {
        self.counts.too_large += 1;
    }

    fn finish(&mut self, job: &Job, failure: Failure) {
        self.count(failure);
        self.actions.push(Action::Finish { job: job.id, failure });
    }

    fn count(&mut self, failure: Failure) {
        *match failure {
            Failure::Busy => &mut self.counts.busy,
            Failure::Deadline => &mut self.counts.late,
            Failure::Crashed => &mut self.counts.crashed,
            Failure::Quarantined => &mut self.counts.quarantined,
            Failure::Unavailable => &mut self.counts.unavailable,
            Failure::Stopped => &mut self.counts.stopped,
        } += 1;
    }

    fn log(&mut self, event: Event) {
        self.actions.push(Action::Log(event));
    }

    /// A number below 1,000, by splitmix64.
    fn random(&mut self) -> u32 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.random;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((word ^ (word >> 31)) % 1_000).unwrap_or_default()
    }
}

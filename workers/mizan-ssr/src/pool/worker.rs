//! What the pool knows of one worker.

use std::sync::Arc;

use super::queue::{Job, half};
use super::{Input, Time};
use crate::settings::Settings;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Until its ready line.
    Starting,
    Ready,
    /// Gets nothing more, and is closed when it has responded to everything.
    Draining,
    /// Its stdin is closed; killed if it has not ended by then.
    Closed(Time),
    /// Killed.
    Dying,
}

/// A request that a worker has not responded to.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) request: u64,
    pub(super) input: Arc<Input>,
    /// None where no one waits any more: the deadline passed, the caller left, or another worker has
    /// the job now. The worker is busy with it all the same.
    pub(super) job: Option<Job>,
    /// When the worker can have begun with it: when it was sent, or when an earlier request was
    /// responded to.
    pub(super) started: Time,
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) generation: u64,
    pub(super) phase: Phase,
    pub(super) spawned: Time,
    /// In the order of sending.
    pub(super) flights: Vec<Flight>,
    pub(super) last_line: Time,
    pub(super) last_sent: Time,
    /// It has been silent for too long to get more.
    pub(super) silent: bool,
    /// It has rendered or grown enough to be replaced.
    pub(super) worn: bool,
    pub(super) responses: u64,
    /// After this number of responses it is worn.
    lifetime: u64,
    requests: u64,
    ping: Ping,
}

#[derive(Debug)]
struct Ping {
    due: Time,
    /// The request of the one that is not responded to, and when it was sent.
    open: Option<(u64, Time)>,
    responses: u32,
}

/// A ping is sent after this number of responses too: memory can grow fast.
const PING_EVERY: u32 = 50;

impl Worker {
    pub(super) fn new(generation: u64, now: Time, lifetime: u64) -> Self {
        let ping = Ping { due: now, open: None, responses: 0 };
        Self {
            generation,
            phase: Phase::Starting,
            spawned: now,
            flights: Vec::new(),
            last_line: now,
            last_sent: now,
            silent: false,
            worn: false,
            responses: 0,
            lifetime,
            requests: 0,
            ping,
        }
    }

    /// Whether it counts as one of the pool, now or soon.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Ready)
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// Whether it may get one more render, where one takes this long as a rule. What is in front of it must not take
    /// a quarter of its time: it can better wait in the queue, from where any worker may take it.
    pub(super) fn has_room(&self, settings: &Settings, typical: Time) -> bool {
        let in_front = u32::try_from(self.flights.len()).unwrap_or(u32::MAX);
        self.is_ready()
            && !self.silent
            && self.flights.len() < settings.in_flight
            && typical.saturating_mul(in_front) <= settings.deadline / 4
            && !self.flights.iter().any(|flight| flight.job.as_ref().is_some_and(|job| job.alone))
    }

    pub(super) fn send(&mut self, mut job: Job, now: Time) -> u64 {
        self.requests += 1;
        self.last_sent = now;
        job.sent = true;
        let (request, input) = (self.requests, Arc::clone(&job.input));
        self.flights.push(Flight { request, input, job: Some(job), started: now });
        request
    }

    /// Takes the flight that a response belongs to. Those that were sent after it can begin now.
    pub(super) fn land(&mut self, request: u64, now: Time) -> Option<Flight> {
        self.heard(now);
        let at = self.flights.iter().position(|flight| flight.request == request)?;
        let flight = self.flights.remove(at);
        self.flights.iter_mut().skip(at).for_each(|later| later.started = now);
        self.responses += 1;
        self.ping.responses += 1;
        self.worn |= self.responses >= self.lifetime;
        if self.ping.responses >= PING_EVERY {
            self.ping.due = self.ping.due.min(now);
        }
        Some(flight)
    }

    pub(super) fn heard(&mut self, now: Time) {
        self.last_line = now;
        self.silent = false;
    }

    /// A pong, with the memory of the process in bytes.
    pub(super) fn pong(&mut self, request: u64, rss: u64, now: Time, settings: &Settings) {
        self.heard(now);
        if self.ping.open.is_some_and(|(open, _)| open == request) {
            self.ping.open = None;
            self.worn |= rss > settings.rss;
        }
    }

    /// The number of a ping that is due.
    pub(super) fn ping(&mut self, now: Time, settings: &Settings) -> Option<u64> {
        if !self.is_ready() || self.ping.open.is_some() || self.ping.due > now {
            return None;
        }
        self.requests += 1;
        self.ping =
            Ping { due: now + settings.ping, open: Some((self.requests, now)), responses: 0 };
        Some(self.requests)
    }

    /// The flight that the worker is busy with, as far as can be known.
    fn oldest(&self) -> Option<usize> {
        (0..self.flights.len()).min_by_key(|at| self.flights[*at].started)
    }

    /// When its oldest flight has taken a whole deadline.
    pub(super) fn hangs_at(&self, settings: &Settings) -> Option<(Time, usize)> {
        let at = self.oldest()?;
        Some((self.flights[at].started + settings.deadline, at))
    }

    /// When it has been silent for so long that renders behind the oldest one should move.
    pub(super) fn silent_at(&self, settings: &Settings) -> Option<Time> {
        let at = self.oldest().filter(|_| !self.silent && self.is_ready())?;
        Some(self.flights[at].started.max(self.last_line) + half(settings.deadline))
    }

    /// When it is to be killed though no render hangs: it is not ready, not closed or does not
    /// respond to a ping in time.
    pub(super) fn overdue_at(&self, settings: &Settings) -> Option<Time> {
        match self.phase {
            Phase::Starting => Some(self.spawned + settings.ready),
            Phase::Closed(until) => Some(until),
            Phase::Ready if self.flights.is_empty() => {
                self.ping.open.map(|(_, sent)| sent.max(self.last_line) + settings.pong)
            }
            _ => None,
        }
    }

    /// The next time at which something is to be done about it.
    pub(super) fn next(&self, settings: &Settings) -> Option<Time> {
        if self.phase == Phase::Dying {
            return None;
        }
        let ping = Some(self.ping.due).filter(|_| self.is_ready() && self.ping.open.is_none());
        let deadlines = self.flights.iter().filter_map(|flight| flight.job.as_ref());
        let times = [
            self.hangs_at(settings).map(|(at, _)| at),
            self.silent_at(settings),
            self.overdue_at(settings),
            ping,
            deadlines.map(|job| job.deadline).min(),
        ];
        times.into_iter().flatten().min()
    }
}

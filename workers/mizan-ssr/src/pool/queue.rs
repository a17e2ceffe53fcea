//! Renders that wait for a worker.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{Input, JobId, Time};

/// A render that has been accepted and has no outcome yet.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: JobId,
    pub(super) input: Arc<Input>,
    /// When its caller stops waiting.
    pub(super) deadline: Time,
    /// How long it may wait for its first worker: then there is time left to render.
    pub(super) patience: Time,
    /// Whether a worker had it already.
    pub(super) sent: bool,
    /// Workers that died with it.
    pub(super) deaths: u8,
    /// Whether it must be alone in its worker.
    pub(super) alone: bool,
}

impl Job {
    /// Until when it may be in the queue.
    fn expires(&self) -> Time {
        if self.sent { self.deadline } else { self.patience }
    }
}

/// Waiting renders in their order. Renders that have lost their worker are in front.
#[derive(Debug, Default)]
pub(super) struct Queue {
    jobs: VecDeque<Job>,
    bytes: usize,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, job: Job) {
        self.bytes += job.input.bytes;
        self.jobs.push_back(job);
    }

    /// Puts jobs in front of all others, in their order.
    pub(super) fn put_back(&mut self, jobs: Vec<Job>) {
        for job in jobs.into_iter().rev() {
            self.bytes += job.input.bytes;
            self.jobs.push_front(job);
        }
    }

    /// Whether the next one has to be alone in its worker.
    pub(super) fn front_is_alone(&self) -> Option<bool> {
        self.jobs.front().map(|job| job.alone)
    }

    pub(super) fn pop(&mut self) -> Option<Job> {
        let job = self.jobs.pop_front();
        self.bytes -= job.as_ref().map_or(0, |job| job.input.bytes);
        job
    }

    /// The first one that may be in company.
    pub(super) fn pop_sociable(&mut self) -> Option<Job> {
        let at = self.jobs.iter().position(|job| !job.alone)?;
        self.take(at)
    }

    pub(super) fn expired(&mut self, now: Time) -> Option<Job> {
        let at = self.jobs.iter().position(|job| job.expires() <= now)?;
        self.take(at)
    }

    pub(super) fn of_hash(&mut self, hash: u64) -> Option<Job> {
        let at = self.jobs.iter().position(|job| job.input.hash == hash)?;
        self.take(at)
    }

    pub(super) fn of_id(&mut self, id: JobId) -> Option<Job> {
        let at = self.jobs.iter().position(|job| job.id == id)?;
        self.take(at)
    }

    pub(super) fn next_expiry(&self) -> Option<Time> {
        self.jobs.iter().map(Job::expires).min()
    }

    fn take(&mut self, at: usize) -> Option<Job> {
        let job = self.jobs.remove(at)?;
        self.bytes -= job.input.bytes;
        Some(job)
    }
}

/// Half of a deadline: how long a render waits for its first worker, and how long a worker may be
/// silent before renders that wait behind another one move.
pub(super) fn half(deadline: Duration) -> Duration {
    deadline / 2
}

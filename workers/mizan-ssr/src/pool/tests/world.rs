//! A pool, its workers and its callers, under fake time. Every step checks what must always hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::pool::{Action, Event, Failure, Input, JobId, Pool, Response, Time, WorkerId};
use crate::settings::Settings;

pub(super) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What a component does to its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Takes this long.
    Takes(Duration),
    Throws,
    Dies,
    Hangs,
}

/// How a worker comes up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Boot {
    Ready(Duration),
    Dies(Duration),
    Never,
}

/// How a render ended, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) result: Result<(), Failure>,
    pub(super) after: Duration,
}

#[derive(Debug)]
struct Process {
    generation: u64,
    boots: Option<Time>,
    dies: Option<Time>,
    /// Requests in the order they came, and what they do.
    line: VecDeque<(u64, Does)>,
    done: Option<Time>,
    renders: u64,
    closing: bool,
}

pub(super) struct World {
    pub(super) pool: Pool,
    pub(super) now: Time,
    pub(super) boot: Boot,
    /// How a worker of a generation comes up, where that differs.
    pub(super) boots: BTreeMap<u64, Boot>,
    /// Workers respond to no ping.
    pub(super) mute: bool,
    /// Bytes of memory that a worker gains by each render.
    pub(super) leak: u64,
    pub(super) endings: BTreeMap<JobId, Ending>,
    pub(super) log: Vec<Event>,
    /// Which generation rendered each job.
    pub(super) rendered_by: BTreeMap<JobId, u64>,
    settings: Settings,
    processes: BTreeMap<WorkerId, Process>,
    asked: BTreeMap<JobId, (Time, Does)>,
    requests: BTreeSet<(WorkerId, u64)>,
    pub(super) most_processes: usize,
    pub(super) least_ready: usize,
}

pub(super) fn settings() -> Settings {
    Settings { workers: 2, ..Settings::default() }
}

impl World {
    pub(super) fn new(settings: Settings) -> Self {
        let mut world = Self {
            pool: Pool::new(settings.clone(), 7),
            now: Time::ZERO,
            boot: Boot::Ready(ms(100)),
            boots: BTreeMap::new(),
            mute: false,
            leak: 0,
            endings: BTreeMap::new(),
            log: Vec::new(),
            rendered_by: BTreeMap::new(),
            settings,
            processes: BTreeMap::new(),
            asked: BTreeMap::new(),
            requests: BTreeSet::new(),
            most_processes: 0,
            least_ready: usize::MAX,
        };
        world.pool.tick(Time::ZERO);
        world
    }

    /// One that has been up for a second.
    pub(super) fn up(settings: Settings) -> Self {
        let mut world = Self::new(settings);
        world.run(ms(1_000));
        assert_eq!(world.ready(), world.settings.workers);
        world.least_ready = usize::MAX;
        world
    }

    /// Asks for a render. Its number, or how it was refused.
    pub(super) fn ask(&mut self, hash: u64, does: Does) -> Result<JobId, Failure> {
        let input = Input { component: format!("{does:?}").into(), hash, bytes: 10 };
        let job = self.pool.submit(self.now, input)?;
        assert!(self.asked.insert(job, (self.now, does)).is_none(), "number {job} twice");
        self.act();
        Ok(job)
    }

    /// Lets time pass.
    pub(super) fn run(&mut self, duration: Duration) {
        self.act();
        let end = self.now + duration;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            assert!(next >= self.now, "the past");
            self.now = next;
            self.step();
        }
        self.now = end;
        self.pool.tick(end);
        self.act();
    }

    pub(super) fn ready(&self) -> usize {
        self.pool.counts(self.now).ready
    }

    /// How many renders ended like this.
    pub(super) fn ended(&self, result: Result<(), Failure>) -> usize {
        self.endings.values().filter(|ending| ending.result == result).count()
    }

    /// Workers that exist.
    pub(super) fn processes(&self) -> Vec<WorkerId> {
        self.processes.keys().copied().collect()
    }

    /// Ends a worker from outside.
    pub(super) fn kill(&mut self, worker: WorkerId) {
        self.end(worker);
        self.act();
    }

    /// Everything that was accepted has its ending.
    pub(super) fn all_ended(&self) {
        let open: Vec<_> =
            self.asked.keys().filter(|job| !self.endings.contains_key(job)).collect();
        assert!(open.is_empty(), "without an ending: {open:?}");
    }

    pub(super) fn forget(&mut self, job: JobId) {
        self.pool.cancel(self.now, job);
        let after = self.now - self.asked[&job].0;
        self.endings.entry(job).or_insert(Ending { result: Ok(()), after });
        self.act();
    }

    fn next(&self) -> Option<Time> {
        let processes = self.processes.values();
        let events = processes.flat_map(|process| [process.boots, process.dies, process.done]);
        events.chain([self.pool.next()]).flatten().min()
    }

    fn step(&mut self) {
        let now = self.now;
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        for id in self.processes() {
            let Some(process) = self.processes.get_mut(&id) else { continue };
            if due(process.dies) {
                self.end(id);
            } else if due(process.boots) {
                process.boots = None;
                self.pool.ready(now, id);
            } else if due(process.done) {
                process.done = None;
                let Some((request, does)) = process.line.pop_front() else { continue };
                if does == Does::Dies {
                    self.end(id);
                } else {
                    process.renders += 1;
                    let generation = process.generation;
                    let response =
                        if does == Does::Throws { Response::Error } else { Response::Page };
                    if let Some(job) = self.pool.respond(now, id, request, response) {
                        self.rendered_by.insert(job, generation);
                        self.finish(job, Ok(()));
                    }
                }
            }
            self.act();
        }
        self.pool.tick(now);
        self.act();
    }

    fn end(&mut self, worker: WorkerId) {
        if self.processes.remove(&worker).is_some() {
            self.pool.died(self.now, worker);
        }
    }

    fn finish(&mut self, job: JobId, result: Result<(), Failure>) {
        let (asked, _) = self.asked[&job];
        let after = self.now - asked;
        let twice = self.endings.insert(job, Ending { result, after });
        assert!(twice.is_none(), "{job} ended twice: {twice:?} and {result:?}");
        assert!(after <= self.settings.deadline, "{job} ended {after:?} after it was asked for");
    }

    fn act(&mut self) {
        loop {
            let actions = self.pool.take_actions();
            if actions.is_empty() {
                break;
            }
            actions.into_iter().for_each(|action| self.apply(action));
        }
        self.begin();
        let counts = self.pool.counts(self.now);
        // What lost workers had returns to the queue.
        let returned = (self.settings.workers + 2) * self.settings.in_flight;
        assert!(counts.queued <= self.settings.queue + returned, "{counts:?}");
        assert!(self.pool.next().is_none_or(|next| next >= self.now), "a timer in the past");
        self.most_processes = self.most_processes.max(self.processes.len());
        self.least_ready = self.least_ready.min(counts.ready);
    }

    fn apply(&mut self, action: Action) {
        let now = self.now;
        match action {
            Action::Spawn { worker, generation } => {
                let (boots, dies) = match self.boots.get(&generation).unwrap_or(&self.boot) {
                    Boot::Ready(after) => (Some(now + *after), None),
                    Boot::Dies(after) => (None, Some(now + *after)),
                    Boot::Never => (None, None),
                };
                let line = VecDeque::new();
                let process = Process {
                    generation,
                    boots,
                    dies,
                    line,
                    done: None,
                    renders: 0,
                    closing: false,
                };
                assert!(self.processes.insert(worker, process).is_none(), "worker {worker} twice");
            }
            Action::Send { worker, request, job } => {
                assert!(self.requests.insert((worker, request)), "request {request} twice");
                assert!(!self.endings.contains_key(&job), "sent after its end");
                let does = self.asked.get(&job).map_or(Does::Takes(ms(1)), |asked| asked.1);
                if let Some(process) = self.processes.get_mut(&worker) {
                    assert!(
                        process.boots.is_none() && !process.closing,
                        "sent to one that is not ready"
                    );
                    process.line.push_back((request, does));
                    assert!(
                        process.line.len() <= self.settings.in_flight,
                        "more in flight than allowed"
                    );
                }
            }
            Action::Ping { worker, request } => {
                assert!(self.requests.insert((worker, request)), "request {request} twice");
                let Some(process) = self.processes.get(&worker) else { return };
                if !self.mute && process.line.iter().all(|(_, does)| *does != Does::Hangs) {
                    let rss = 50_000_000 + self.leak * process.renders;
                    self.pool.pong(now, worker, request, rss);
                }
            }
            Action::Close { worker } => {
                let Some(process) = self.processes.get_mut(&worker) else { return };
                assert!(
                    process.line.iter().all(|(_, does)| *does == Does::Hangs)
                        || self.pool.is_stopping()
                );
                process.closing = true;
                process.dies = Some(now + ms(2));
            }
            Action::Kill { worker, now: at_once } => {
                if let Some(process) = self.processes.get_mut(&worker) {
                    process.dies = Some(now + if at_once { ms(1) } else { ms(5) });
                }
            }
            Action::Finish { job, failure } => self.finish(job, Err(failure)),
            Action::Log(event) => self.log.push(event),
        }
    }

    /// Workers begin with what is first in their line.
    fn begin(&mut self) {
        for process in self.processes.values_mut().filter(|process| process.done.is_none()) {
            process.done = process.line.front().and_then(|(_, does)| match does {
                Does::Takes(time) => Some(self.now + *time),
                Does::Throws | Does::Dies => Some(self.now + ms(1)),
                Does::Hangs => None,
            });
        }
    }
}

//! The rules of the pool, applied: one lock around the state, and processes, callers and a timer around that.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

use crate::command::WorkerCommand;
use crate::counts::Counts;
use crate::error::RenderError;
use crate::log;
use crate::output::{Log, Output};
use crate::pool::{Action, Event, Failure, Input, JobId, Pool, Response, Time, WorkerId};
use crate::process::message::{self, Message};
use crate::process::{Line, Process};
use crate::render::Rendered;
use crate::settings::Settings;

pub(crate) type Outcome = Result<Rendered, RenderError>;

#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) settings: Settings,
    pub(crate) runtime: Handle,
    state: Mutex<State>,
    output: Mutex<Output>,
    /// The timer has to look again.
    timer: Notify,
    /// Something has changed that a caller may wait for.
    changed: Notify,
    started: Instant,
    hasher: RandomState,
}

#[derive(Debug)]
struct State {
    pool: Pool,
    callers: HashMap<JobId, Caller>,
    processes: HashMap<WorkerId, Process>,
    commands: BTreeMap<u64, Arc<WorkerCommand>>,
    components: Vec<String>,
    /// When the timer will look.
    armed: Option<Time>,
    /// The supervisor's thread is gone.
    over: bool,
}

/// Who waits for a render, and what is sent to render it.
#[derive(Debug)]
struct Caller {
    params: Bytes,
    outcome: oneshot::Sender<Outcome>,
}

impl Supervisor {
    pub(crate) fn new(command: WorkerCommand, settings: Settings, runtime: Handle) -> Arc<Self> {
        let hasher = RandomState::new();
        let state = State {
            pool: Pool::new(settings.clone(), hasher.hash_one("seed")),
            callers: HashMap::new(),
            processes: HashMap::new(),
            commands: BTreeMap::from([(0, Arc::new(command))]),
            components: Vec::new(),
            armed: None,
            over: false,
        };
        Arc::new(Self {
            settings,
            runtime,
            state: Mutex::new(state),
            output: Mutex::new(Output::new(Instant::now())),
            timer: Notify::new(),
            changed: Notify::new(),
            started: Instant::now(),
            hasher,
        })
    }

    /// Looks after everything that time brings about, until the renderer has stopped.
    pub(crate) async fn run(self: Arc<Self>) {
        let _over = Over(&self);
        loop {
            let (next, ended) = self.change(|state, now| {
                state.pool.tick(now);
                state.armed = state.pool.next();
                (state.armed, state.pool.has_ended() && state.processes.is_empty())
            });
            if ended {
                return;
            }
            let at = self.started + next.unwrap_or(Duration::from_secs(3_600));
            tokio::select! {
                () = tokio::time::sleep_until(at.into()) => {}
                () = self.timer.notified() => {}
            }
        }
    }

    /// Changes the state, and does what that entails.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut State, Time) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state, self.started.elapsed());
        let mut events = Vec::new();
        for action in state.pool.take_actions() {
            self.act(&mut state, action, &mut events);
        }
        let next = state.pool.next();
        let ended = state.pool.has_ended();
        if ended || next.is_some_and(|next| state.armed.is_none_or(|armed| next < armed)) {
            state.armed = next;
            self.timer.notify_one();
        }
        drop(state);
        // A slow log must not hold up renders.
        events.iter().for_each(log::event);
        self.changed.notify_waiters();
        result
    }

    fn act(self: &Arc<Self>, state: &mut State, action: Action, events: &mut Vec<Event>) {
        match action {
            Action::Spawn { worker, generation } => {
                let Some(command) = state.commands.get(&generation) else { return };
                let process = Process::start(self, worker, Arc::clone(command));
                state.processes.insert(worker, process);
            }
            Action::Send { worker, request, job } => {
                let Some(caller) = state.callers.get(&job) else { return };
                let end = Bytes::from_static(message::END_OF_RENDER);
                send(state, worker, [message::render(request).into(), caller.params.clone(), end]);
            }
            Action::Ping { worker, request } => {
                send(state, worker, [message::ping(request).into(), Bytes::new(), Bytes::new()]);
            }
            Action::Close { worker } => {
                if let Some(process) = state.processes.get_mut(&worker) {
                    process.lines = None;
                }
            }
            Action::Kill { worker, now } => {
                if let Some(process) = state.processes.get(&worker) {
                    let _ = process.kill.send(now);
                }
            }
            Action::Finish { job, failure } => finish(state, job, Err(failure.into())),
            Action::Log(event) => events.push(event),
        }
    }

    /// Accepts a render, or refuses it.
    pub(crate) fn submit(
        self: &Arc<Self>,
        component: &str,
        params: Vec<u8>,
    ) -> Result<(JobId, oneshot::Receiver<Outcome>), Failure> {
        let input = Input {
            component: component.into(),
            hash: self.hasher.hash_one(&params),
            bytes: params.len(),
        };
        let (outcome, receiver) = oneshot::channel();
        self.change(|state, now| {
            if state.over {
                return Err(Failure::Stopped);
            }
            let job = state.pool.submit(now, input)?;
            state.callers.insert(job, Caller { params: params.into(), outcome });
            Ok((job, receiver))
        })
    }

    pub(crate) fn cancel(self: &Arc<Self>, job: JobId) {
        self.change(|state, now| {
            state.pool.cancel(now, job);
            state.callers.remove(&job);
        });
    }

    pub(crate) fn count_too_large(self: &Arc<Self>) {
        self.change(|state, _| state.pool.count_too_large());
    }

    /// A worker has sent a line.
    pub(crate) fn received(self: &Arc<Self>, worker: WorkerId, message: Message) {
        self.change(|state, now| match message {
            Message::Ready { components } => {
                state.components = components;
                state.pool.ready(now, worker);
            }
            Message::Page { request, page } => {
                let job = state.pool.respond(now, worker, request, Response::Page);
                if let Some(job) = job {
                    finish(state, job, Ok(page));
                }
            }
            Message::Error { request, message, stack } => {
                if let Some(job) = state.pool.respond(now, worker, request, Response::Error) {
                    finish(state, job, Err(RenderError::Component { message, stack }));
                }
            }
            Message::Pong { request, rss } => state.pool.pong(now, worker, request, rss),
        });
    }

    /// A worker has responded with more than it may.
    pub(crate) fn too_long(self: &Arc<Self>, worker: WorkerId, request: u64, bytes: usize) {
        let limit = self.settings.html;
        self.change(|state, now| {
            if let Some(job) = state.pool.respond(now, worker, request, Response::TooLarge) {
                finish(state, job, Err(RenderError::TooLarge { what: "page", bytes, limit }));
            }
        });
    }

    /// The process of a worker has ended.
    pub(crate) fn died(self: &Arc<Self>, worker: WorkerId, how: &str) {
        tracing::debug!(worker, how, "render worker ended");
        self.change(|state, now| {
            state.processes.remove(&worker);
            state.pool.died(now, worker);
        });
    }

    /// A worker has written a line that is not of the protocol.
    pub(crate) fn write(&self, worker: WorkerId, line: &[u8]) {
        let line = String::from_utf8_lossy(line).into_owned();
        let now = Instant::now();
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let log = output.push(line.clone(), now);
        drop(output);
        if let Log::Line { withheld } = log {
            log::line(worker, &line, withheld);
        }
    }

    pub(crate) fn output(&self) -> Vec<String> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).lines()
    }

    /// Tries another command. The number is for [`Self::swapped`].
    pub(crate) fn swap(self: &Arc<Self>, command: WorkerCommand) -> u64 {
        self.change(|state, now| {
            let last = state.commands.last_key_value().map_or(0, |(generation, _)| *generation);
            let generation = last + 1;
            state.commands.insert(generation, Arc::new(command));
            state.pool.swap(now, generation);
            generation
        })
    }

    pub(crate) async fn swapped(&self, generation: u64) -> bool {
        let swapped =
            |state: &State| state.pool.swapped(generation).or(state.over.then_some(false));
        self.wait(swapped).await
    }

    /// Whether a worker is ready, as soon as that is known.
    pub(crate) async fn ready(&self) -> bool {
        self.wait(|state| {
            let never = state.over || state.pool.is_hopeless() || state.pool.is_stopping();
            if state.pool.is_ready() { Some(true) } else { never.then_some(false) }
        })
        .await
    }

    /// Accepts nothing more, and gives renders this long to end.
    pub(crate) fn stop(self: &Arc<Self>, grace: Duration) {
        self.change(|state, now| state.pool.stop(now, grace));
    }

    pub(crate) async fn ended(&self) {
        self.wait(|state| state.over.then_some(())).await;
    }

    /// Ends everything at once.
    pub(crate) fn kill(self: &Arc<Self>) {
        self.stop(Duration::ZERO);
        let state = self.lock();
        for process in state.processes.values() {
            let _ = process.kill.send(true);
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().pool.counts(self.started.elapsed())
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.lock().pool.is_ready()
    }

    pub(crate) fn components(&self) -> Vec<String> {
        self.lock().components.clone()
    }

    /// Waits until the state has what is looked for.
    async fn wait<T>(&self, look: impl Fn(&State) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = look(&self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn send(state: &State, worker: WorkerId, line: Line) {
    if let Some(lines) = state.processes.get(&worker).and_then(|process| process.lines.as_ref()) {
        // A worker that is gone is reported by its own task.
        let _ = lines.send(line);
    }
}

fn finish(state: &mut State, job: JobId, outcome: Outcome) {
    if let Some(caller) = state.callers.remove(&job) {
        // A caller that has left wants no outcome.
        let _ = caller.outcome.send(outcome);
    }
}

/// However the supervisor ends, no caller waits for it any more.
struct Over<'a>(&'a Supervisor);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.over = true;
        state.callers.clear();
        drop(state);
        self.0.changed.notify_waiters();
    }
}

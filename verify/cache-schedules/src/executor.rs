//! Polls the tasks of a schedule in random order, on one thread, and moves the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use crate::faults;
use crate::world::{Shared, Work};

/// More steps than a schedule ever needs.
const MOST_STEPS: u32 = 20_000;

/// The tasks of a schedule.
pub(crate) struct Executor {
    pub(crate) world: Shared,
    tasks: Vec<Task>,
    runnable: Vec<usize>,
    steps: u32,
    started: usize,
}

struct Task {
    number: usize,
    process: usize,
    work: Work,
    woken: Arc<Woken>,
    waker: Waker,
    /// Some tasks are slow: they take a step only where a random number has none of these bits.
    slow: u64,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Executor {
    pub(crate) fn new(world: Shared) -> Self {
        Self { world, tasks: Vec::new(), runnable: Vec::new(), steps: 0, started: 0 }
    }

    /// Adds a task of a process.
    pub(crate) fn spawn(&mut self, process: usize, work: Work) {
        let slow = [0, 0, 0, 1, 7, 31][self.world.lock().random.below(6)];
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let number = self.started;
        self.started += 1;
        self.tasks.push(Task { number, process, work, woken, waker, slow });
    }

    /// Runs until every task has ended or something went wrong. With `faults`, some happen.
    pub(crate) fn run(&mut self, with_faults: bool) {
        loop {
            self.adopt();
            if self.tasks.is_empty() || self.world.lock().observer.violation.is_some() {
                return;
            }
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return self.fail("the schedule never ends");
            }
            if with_faults {
                faults::inject(self);
            }
            self.runnable.clear();
            let woken =
                |(at, task): (usize, &Task)| task.woken.0.load(Ordering::Relaxed).then_some(at);
            self.runnable.extend(self.tasks.iter().enumerate().filter_map(woken));
            match self.pick() {
                Some(at) => self.poll(at),
                None if self.tasks.is_empty() => {}
                None => self.wait(),
            }
        }
    }

    /// Drops every task of a process, as a kill does.
    pub(crate) fn kill(&mut self, process: usize) {
        self.adopt();
        // Dropped outside of the lock: what is dropped speaks to the world.
        let (dead, alive) =
            std::mem::take(&mut self.tasks).into_iter().partition(|task| task.process == process);
        self.tasks = alive;
        drop::<Vec<Task>>(dead);
    }

    fn adopt(&mut self) {
        let spawned = std::mem::take(&mut self.world.lock().spawned);
        for (process, work) in spawned {
            self.spawn(process, work);
        }
    }

    fn pick(&self) -> Option<usize> {
        let mut world = self.world.lock();
        let mut at = *self.runnable.get(world.random.below(self.runnable.len()))?;
        for _ in 0..4 {
            if world.random.bits() & self.tasks[at].slow == 0 {
                break;
            }
            at = self.runnable[world.random.below(self.runnable.len())];
        }
        world.replicate();
        Some(at)
    }

    fn poll(&mut self, at: usize) {
        let task = &mut self.tasks[at];
        self.world.steps(task.number);
        task.woken.0.store(false, Ordering::Relaxed);
        let mut context = Context::from_waker(&task.waker);
        if task.work.as_mut().poll(&mut context).is_ready() {
            let task = self.tasks.swap_remove(at);
            drop(task);
        }
    }

    /// No one can take a step: time passes until an actor has slept enough.
    fn wait(&mut self) {
        let mut world = self.world.lock();
        let Some(next) = world.sleepers.iter().map(|(until, _)| *until).min() else {
            drop(world);
            return self.fail("a task waits for something that never comes");
        };
        world.advance(next);
    }

    fn fail(&self, what: &str) {
        self.world.lock().observer.fail(what.to_owned());
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // Nothing that is dropped from here on has an effect.
        for process in &mut self.world.lock().processes {
            process.life += 1;
        }
        self.tasks.clear();
        let spawned = std::mem::take(&mut self.world.lock().spawned);
        drop(spawned);
    }
}

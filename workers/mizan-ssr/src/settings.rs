//! How a renderer behaves, and the checks of that.

use std::time::Duration;

use crate::command::WorkerCommand;
use crate::error::StartError;
use crate::renderer::Renderer;

const MIB: usize = 1 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) workers: usize,
    pub(crate) in_flight: usize,
    pub(crate) deadline: Duration,
    pub(crate) queue: usize,
    pub(crate) queue_bytes: usize,
    pub(crate) props: usize,
    pub(crate) html: usize,
    pub(crate) recycle: u64,
    pub(crate) rss: u64,
    pub(crate) grace: Duration,
    pub(crate) ready: Duration,
    pub(crate) ping: Duration,
    pub(crate) pong: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            workers: cores.clamp(2, 4),
            in_flight: 2,
            deadline: Duration::from_secs(1),
            queue: 128,
            queue_bytes: 64 * MIB,
            props: MIB,
            html: 8 * MIB,
            recycle: 10_000,
            rss: 512 * MIB as u64,
            grace: Duration::from_secs(10),
            ready: Duration::from_secs(10),
            ping: Duration::from_secs(1),
            pong: Duration::from_secs(5),
        }
    }
}

/// The settings of a [`Renderer`], each with a default. [`Builder::start`] checks them.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    command: WorkerCommand,
    settings: Settings,
}

impl Builder {
    pub(crate) fn new(command: WorkerCommand) -> Self {
        Self { command, settings: Settings::default() }
    }

    /// How many workers run: 1 to 64. The default is the number of processors, at least 2 and at most 4. During a
    /// replacement there is one more.
    pub fn workers(mut self, workers: usize) -> Self {
        self.settings.workers = workers;
        self
    }

    /// How many renders a worker has at one time: 1 to 64, 2 by default, so that the next one is there when one ends. The
    /// rest waits in the queue, from where any worker may take it. More is of use only for components that wait for
    /// something; a component that never ends holds up those that came with it.
    pub fn in_flight(mut self, renders: usize) -> Self {
        self.settings.in_flight = renders;
        self
    }

    /// How long a render may take, with its time in the queue: 10 ms to 60 s, 1 s by default. The caller has its outcome
    /// by then. A worker that is busy with one render for longer is killed. A render waits at most half of this time for
    /// a worker.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// How many renders may wait for a worker: 1 to 65,536, 128 by default, and 64 MiB of them. Beyond that a render is
    /// refused at once.
    pub fn queue(mut self, renders: usize) -> Self {
        self.settings.queue = renders;
        self
    }

    /// How many bytes of JSON the props of a render may have, and its bundles too: 1 KiB to 32 MiB, 1 MiB by default.
    pub fn props_limit(mut self, bytes: usize) -> Self {
        self.settings.props = bytes;
        self
    }

    /// How many bytes the line may have by which a worker responds, that is the page as JSON: 1 KiB to 64 MiB, 8 MiB by
    /// default.
    pub fn html_limit(mut self, bytes: usize) -> Self {
        self.settings.html = bytes;
        self
    }

    /// After how many renders a worker is replaced: at least 10, 10,000 by default. Each worker has its own number within
    /// a tenth of this one. The next worker is ready before the old one gets nothing more.
    pub fn recycle_after(mut self, renders: u64) -> Self {
        self.settings.recycle = renders;
        self
    }

    /// How many bytes of memory a worker may have (its resident set) before it is replaced: at least 16 MiB, 512 MiB by
    /// default. This is checked every second and after 50 renders; a hard limit is for the operator to set (a cgroup).
    pub fn recycle_above(mut self, bytes: u64) -> Self {
        self.settings.rss = bytes;
        self
    }

    /// How long [`Renderer::drain`] waits for renders: at most an hour, 10 s by default.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How long a worker may take from its start to its ready line: 100 ms to 5 min, 10 s by default.
    pub fn ready_within(mut self, limit: Duration) -> Self {
        self.settings.ready = limit;
        self
    }

    /// How often a worker is asked for its memory and whether it responds: 10 ms to 1 h, 1 s by default. An idle worker
    /// that does not respond within 5 s is killed.
    pub fn ping_every(mut self, interval: Duration) -> Self {
        self.settings.ping = interval;
        self
    }

    /// Starts the workers, and the thread that supervises them. This needs no runtime, and does not wait until a worker
    /// is ready: renders wait for that, and so does [`Renderer::ready`].
    ///
    /// # Errors
    ///
    /// Every setting that is out of its bounds, all at once, or why the thread could not be started.
    pub fn start(self) -> Result<Renderer, StartError> {
        let problems = self.problems();
        if problems.is_empty() {
            Renderer::start(self.command, self.settings)
        } else {
            Err(StartError::Settings(problems))
        }
    }

    fn problems(&self) -> Vec<String> {
        let settings = &self.settings;
        let mut problems = Vec::new();
        let mut number = |name: &str, value: u64, least: u64, most: u64| {
            if value < least {
                problems.push(format!("`{name}` must be at least {least} (got {value})"));
            } else if value > most {
                problems.push(format!("`{name}` must be at most {most} (got {value})"));
            }
        };
        let of = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        number("workers", of(settings.workers), 1, 64);
        number("in_flight", of(settings.in_flight), 1, 64);
        number("queue", of(settings.queue), 1, 65_536);
        number("props_limit", of(settings.props), 1 << 10, 32 << 20);
        number("html_limit", of(settings.html), 1 << 10, 64 << 20);
        number("recycle_after", settings.recycle, 10, 1 << 50);
        number("recycle_above", settings.rss, 16 << 20, u64::MAX);
        let mut time = |name: &str, value: Duration, least: u64, most: u64| {
            let (least, most) = (Duration::from_millis(least), Duration::from_millis(most));
            if value < least || value > most {
                let bounds = format!("must be between {least:?} and {most:?}");
                problems.push(format!("`{name}` {bounds} (got {value:?})"));
            }
        };
        time("deadline", settings.deadline, 10, 60_000);
        time("grace", settings.grace, 0, 3_600_000);
        time("ready_within", settings.ready, 100, 300_000);
        time("ping_every", settings.ping, 10, 3_600_000);
        problems
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Builder;
    use crate::WorkerCommand;

    #[test]
    fn a_setting_out_of_bounds_is_named_with_its_bounds() {
        let check = |change: fn(Builder) -> Builder, expected: &str| {
            let builder = change(Builder::new(WorkerCommand::new("node")));
            assert_eq!(builder.problems(), [expected]);
        };
        check(|b| b.workers(0), "`workers` must be at least 1 (got 0)");
        check(|b| b.workers(65), "`workers` must be at most 64 (got 65)");
        check(|b| b.in_flight(0), "`in_flight` must be at least 1 (got 0)");
        check(|b| b.queue(0), "`queue` must be at least 1 (got 0)");
        check(|b| b.props_limit(5), "`props_limit` must be at least 1024 (got 5)");
        check(
            |b| b.html_limit(1 << 40),
            "`html_limit` must be at most 67108864 (got 1099511627776)",
        );
        check(|b| b.recycle_after(1), "`recycle_after` must be at least 10 (got 1)");
        check(|b| b.recycle_above(1), "`recycle_above` must be at least 16777216 (got 1)");
        let zero = Duration::ZERO;
        check(|b| b.deadline(Duration::ZERO), "`deadline` must be between 10ms and 60s (got 0ns)");
        check(
            |b| b.ready_within(Duration::ZERO),
            "`ready_within` must be between 100ms and 300s (got 0ns)",
        );
        check(
            |b| b.ping_every(Duration::ZERO),
            "`ping_every` must be between 10ms and 3600s (got 0ns)",
        );
        check(
            |b| b.grace(Duration::MAX / 2),
            &format!("`grace` must be between 0ns and 3600s (got {:?})", Duration::MAX / 2),
        );
        let many = Builder::new(WorkerCommand::new("node")).workers(0).deadline(zero);
        assert_eq!(many.problems().len(), 2);
        assert!(Builder::new(WorkerCommand::new("node")).problems().is_empty());
    }
}

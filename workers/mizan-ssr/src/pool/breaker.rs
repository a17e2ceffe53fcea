//! How soon a worker is started again, and when starting is given up for a while.

use std::collections::VecDeque;
use std::time::Duration;

use super::Time;

/// More deaths than this within [`WINDOW`] open the breaker.
const DEATHS: usize = 5;
const WINDOW: Duration = Duration::from_secs(10);
/// This number of responses makes up for one death.
const FORGIVEN_BY: u32 = 10;
/// The pause after the first death; each further one within [`WINDOW`] doubles it.
const FIRST: Duration = Duration::from_millis(50);
/// The longest pause, and the time between two probes of an open breaker.
pub(super) const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    deaths: VecDeque<Time>,
    responses: u32,
    opened: Option<Time>,
}

impl Breaker {
    pub(super) fn is_open(&self) -> bool {
        self.opened.is_some()
    }

    /// A worker died, and it is not known that an input is to blame. True if this opens the breaker.
    pub(super) fn death(&mut self, now: Time) -> bool {
        self.prune(now);
        self.deaths.push_back(now);
        if self.deaths.len() > DEATHS + 1 {
            self.deaths.pop_front();
        }
        let opens = self.opened.is_none() && self.deaths.len() > DEATHS;
        if opens {
            self.opened = Some(now);
        }
        opens
    }

    /// A worker that was started at this time has responded. True if this closes the breaker: a
    /// worker of before its opening says nothing about new ones.
    pub(super) fn response(&mut self, started: Time) -> bool {
        self.responses += 1;
        if self.responses >= FORGIVEN_BY {
            self.forgive();
        }
        let closes = self.opened.is_some_and(|opened| started >= opened);
        if closes {
            self.reset();
        }
        closes
    }

    /// Something makes up for one death.
    pub(super) fn forgive(&mut self) {
        self.responses = 0;
        self.deaths.pop_front();
    }

    /// Closes a breaker under which no worker has died for the whole window. Asked while one is ready.
    pub(super) fn calm(&mut self, now: Time) -> bool {
        let calm = self.calm_at().is_some_and(|at| now >= at);
        if calm {
            self.reset();
        }
        calm
    }

    /// When [`Self::calm`] may close it.
    pub(super) fn calm_at(&self) -> Option<Time> {
        let last = self.deaths.back().copied();
        self.opened.map(|opened| last.unwrap_or(opened).max(opened) + WINDOW)
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// How long to wait before the next start, from the deaths of the window. `jitter` is below 1,000
    /// and adds up to a quarter, so that servers that were hit together do not return together.
    pub(super) fn pause(&mut self, now: Time, jitter: u32) -> Duration {
        if self.is_open() {
            return LONGEST;
        }
        self.prune(now);
        let doublings = u32::try_from(self.deaths.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST);
        (pause + pause.mul_f64(f64::from(jitter) / 4_000.0)).min(LONGEST)
    }

    fn prune(&mut self, now: Time) {
        while self.deaths.front().is_some_and(|at| *at + WINDOW <= now) {
            self.deaths.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Breaker;

    enum Step {
        Dies(u32),
        Responds(u32),
        Waits(u64),
    }
    use Step::{Dies, Responds, Waits};

    #[test]
    fn it_opens_when_workers_die_and_nothing_makes_up_for_it() {
        let check = |what: &str, steps: &[Step], open: bool| {
            let mut breaker = Breaker::default();
            let mut now = Duration::from_secs(100);
            for step in steps {
                match *step {
                    Dies(times) => (0..times).for_each(|_| {
                        breaker.death(now);
                    }),
                    // By a worker of before the opening.
                    Responds(times) => (0..times).for_each(|_| {
                        breaker.response(Duration::ZERO);
                    }),
                    Waits(seconds) => now += Duration::from_secs(seconds),
                }
            }
            assert_eq!(breaker.is_open(), open, "{what}");
        };
        check("five deaths are bad luck", &[Dies(5)], false);
        check("six are a loop", &[Dies(6)], true);
        check("six within eleven seconds are not", &[Dies(3), Waits(11), Dies(3)], false);
        check("ten responses make up for one", &[Dies(5), Responds(10), Dies(1)], false);
        check("nine do not", &[Dies(5), Responds(9), Dies(1)], true);
        check("old workers do not close it", &[Dies(6), Responds(100)], true);
    }

    #[test]
    fn it_closes_by_a_new_worker_or_by_a_calm_window() {
        let second = Duration::from_secs(1);
        let open = || {
            let mut breaker = Breaker::default();
            for _ in 0..6 {
                breaker.death(second);
            }
            breaker
        };
        assert!(open().response(second * 2));
        assert!(!open().calm(second * 10));
        assert!(open().calm(second * 11));
    }

    #[test]
    fn pauses_double_from_50_ms() {
        let mut breaker = Breaker::default();
        let now = Duration::from_secs(1);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            breaker.death(now);
            pauses.push(breaker.pause(now, 0).as_millis());
        }
        assert_eq!(pauses, [50, 100, 200, 400, 800, 5_000]);
        assert_eq!(breaker.pause(now, 999).as_millis(), 5_000);
        let mut breaker = Breaker::default();
        breaker.death(now);
        assert_eq!(breaker.pause(now, 999).as_millis(), 62);
    }
}

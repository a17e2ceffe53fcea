//! What workers write that is not of the protocol: kept for a while, and logged.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What is kept, in lines and in bytes.
const LINES: usize = 200;
const BYTES: usize = 64 << 10;
/// How many lines are logged in a second.
const LOGGED: u32 = 20;

/// The last lines of all workers.
#[derive(Debug)]
pub(crate) struct Output {
    lines: VecDeque<String>,
    bytes: usize,
    second: Instant,
    logged: u32,
    withheld: u64,
}

/// What to do with a line that has been kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// Log it, after a line that so many were not logged.
    Line {
        withheld: u64,
    },
    Withhold,
}

impl Output {
    pub(crate) fn new(now: Instant) -> Self {
        Self { lines: VecDeque::new(), bytes: 0, second: now, logged: 0, withheld: 0 }
    }

    pub(crate) fn push(&mut self, line: String, now: Instant) -> Log {
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.lines.len() > LINES || self.bytes > BYTES {
            self.bytes -= self.lines.pop_front().map_or(self.bytes, |line| line.len());
        }
        if now.duration_since(self.second) >= Duration::from_secs(1) {
            self.second = now;
            self.logged = 0;
        }
        if self.logged >= LOGGED {
            self.withheld += 1;
            return Log::Withhold;
        }
        self.logged += 1;
        Log::Line { withheld: std::mem::take(&mut self.withheld) }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{BYTES, LINES, LOGGED, Log, Output};

    #[test]
    fn lines_and_bytes_are_bounded_and_the_newest_stay() {
        let now = Instant::now();
        let mut output = Output::new(now);
        for line in 0..1_000 {
            output.push(line.to_string(), now);
        }
        assert_eq!(output.lines().len(), LINES);
        assert_eq!(output.lines().last().unwrap(), "999");
        for _ in 0..100 {
            output.push("x".repeat(4_096), now);
        }
        assert_eq!(output.lines().len(), BYTES / 4_096);
    }

    #[test]
    fn a_flood_is_logged_in_part_and_the_rest_counted() {
        let now = Instant::now();
        let mut output = Output::new(now);
        let log: Vec<Log> = (0..LOGGED + 5).map(|_| output.push(String::new(), now)).collect();
        assert_eq!(log.iter().filter(|log| **log == Log::Withhold).count(), 5);
        let later = now + Duration::from_secs(1);
        assert_eq!(output.push(String::new(), later), Log::Line { withheld: 5 });
        assert_eq!(output.push(String::new(), later), Log::Line { withheld: 0 });
    }
}

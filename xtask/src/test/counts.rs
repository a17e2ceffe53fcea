//! What the test runners counted.

use super::needs::Missing;
use crate::Result;
use crate::step::{cargo, command, watch};

/// Tests that passed, failed and were left out, of every runner.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    /// Tests, and commands that run tests, whose programs are missing.
    pub(super) left_out: u64,
}

impl Counts {
    /// Runs `cargo test` and adds up its closing lines. `look` gets each line as well.
    pub(super) fn rust(
        &mut self,
        words: &[&str],
        environment: &[(&str, &str)],
        mut look: impl FnMut(&str),
    ) -> Result {
        let mut test = cargo(words);
        test.envs(environment.iter().copied());
        watch(test, |line| {
            self.cargo_line(line);
            look(line);
        })
    }

    /// The last line of a run.
    pub(super) fn total(&self, missing: &Missing) -> String {
        let Self { passed, failed, left_out } = self;
        let total = format!("mizan: {passed} passed, {failed} failed");
        if missing.is_empty() {
            return total;
        }
        format!("{total}, {left_out} left out (missing: {})", missing.names())
    }

    /// Runs a test script of npm and adds up what node's runner or vitest closes with.
    pub(super) fn script(&mut self, words: &[&str], environment: &[(&str, &str)]) -> Result {
        let mut script = command(words);
        script.envs(environment.iter().copied()).env("NO_COLOR", "1");
        watch(script, |line| self.script_line(line))
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.left_out += other.left_out;
    }

    /// Adds what a program of Rust tests closes with.
    pub(super) fn cargo_line(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            self.passed += before(rest, " passed");
            self.failed += before(rest, " failed");
        }
    }

    fn script_line(&mut self, line: &str) {
        let line = line.trim();
        let node = |word: &str| {
            let rest = line
                .strip_prefix("# ")
                .or_else(|| line.strip_prefix("ℹ "))
                .and_then(|rest| rest.strip_prefix(word));
            rest.and_then(|rest| rest.trim().parse::<u64>().ok()).unwrap_or(0)
        };
        self.passed += node("pass ");
        self.failed += node("fail ");
        if let Some(rest) = line.strip_prefix("Tests ") {
            self.passed += before(rest, " passed");
            self.failed += before(rest, " failed");
        }
    }
}

/// The number that is before a word.
fn before(text: &str, word: &str) -> u64 {
    let head = text.find(word).map(|at| &text[..at]).unwrap_or_default();
    let digits = head.rsplit(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Counts, Missing};

    #[test]
    fn the_closing_lines_of_every_runner_count() {
        let mut counts = Counts::default();
        counts.cargo_line("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured");
        counts.cargo_line("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured");
        counts.cargo_line("test that_is_no_result ... ok");
        assert_eq!(counts, Counts { passed: 13, failed: 2, left_out: 0 });
        for line in ["# pass 4", "ℹ fail 1", "# tests 5", "      Tests  1 failed | 20 passed (21)"]
        {
            counts.script_line(line);
        }
        assert_eq!(counts, Counts { passed: 37, failed: 4, left_out: 0 });
    }

    #[test]
    fn what_is_left_out_is_in_the_last_line_with_its_reason() {
        let mut missing = Missing::default();
        let counts = Counts { passed: 5, failed: 0, left_out: 3 };
        let nothing = Counts { left_out: 0, ..counts };
        assert_eq!(nothing.total(&missing), "mizan: 5 passed, 0 failed");
        missing.add("caddy");
        let line = "mizan: 5 passed, 0 failed, 3 left out (missing: caddy)";
        assert_eq!(counts.total(&missing), line);
    }
}

//! Tests that need a program which this machine lacks are left out, by name.
//!
//! Each of them is ignored with a reason: `needs nginx, openssl and redis-server: cargo xtask test`.

use std::collections::BTreeSet;

/// The end of the reason of each test that `cargo xtask test` runs.
const HERE: &str = ": cargo xtask test";

/// What the machine lacks, as reasons name it.
#[derive(Debug, Default)]
pub(super) struct Missing(BTreeSet<&'static str>);

/// The ignored tests of a run, by what is to be done with them.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    run: BTreeSet<String>,
    left_out: Vec<String>,
}

impl Missing {
    pub(super) fn add(&mut self, name: &'static str) {
        self.0.insert(name);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub(super) fn names(&self) -> String {
        self.0.iter().copied().collect::<Vec<_>>().join(", ")
    }
}

impl Ignored {
    /// Takes a line of the test runner.
    pub(super) fn line(&mut self, line: &str, missing: &Missing) {
        let Some((name, reason)) = ignored(line) else { return };
        let Some(reason) = reason.strip_suffix(HERE) else { return };
        if needs(reason).any(|program| missing.has(program)) {
            self.left_out.push(name.to_owned());
        } else {
            self.run.insert(name.to_owned());
        }
    }

    /// The tests to run. One that has the name of a test without its program is not among them.
    pub(super) fn to_run(&self) -> Vec<&str> {
        let run = self.run.iter().map(String::as_str);
        run.filter(|name| !self.left_out.iter().any(|other| other == name)).collect()
    }

    /// How many are left out.
    pub(super) fn left_out(&self) -> u64 {
        let same = self.run.iter().filter(|name| self.left_out.contains(name)).count();
        u64::try_from(self.left_out.len() + same).unwrap_or(u64::MAX)
    }
}

/// The test of a line and why it is ignored.
fn ignored(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("test ")?.split_once(" ... ignored, ")
}

/// The programs of a reason.
fn needs(reason: &str) -> impl Iterator<Item = &str> {
    let list = reason.strip_prefix("needs ").unwrap_or_default();
    list.split(", ").flat_map(|part| part.split(" and ")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Ignored, Missing, needs};

    #[test]
    fn a_reason_names_each_program() {
        let of = |reason| needs(reason).collect::<Vec<_>>();
        assert_eq!(
            of("needs nginx, openssl and redis-server"),
            ["nginx", "openssl", "redis-server"]
        );
        assert_eq!(of("needs npm packages"), ["npm packages"]);
        assert_eq!(of("takes half a minute"), Vec::<&str>::new());
    }

    #[test]
    fn only_tests_without_their_program_are_left_out_and_they_are_counted() {
        let mut missing = Missing::default();
        assert!(missing.is_empty());
        missing.add("redis-server");
        missing.add("caddy");
        assert_eq!(missing.names(), "caddy, redis-server");
        let mut ignored = Ignored::default();
        for line in [
            "test a::x ... ignored, needs redis-server: cargo xtask test",
            "test a::y ... ignored, needs postgresql: cargo xtask test",
            "test a::z ... ignored, takes half a minute: cargo xtask test",
            "test b::caddy ... ignored, needs caddy and openssl: cargo xtask test",
            "test b::same ... ignored, needs postgresql: cargo xtask test",
            "test b::same ... ignored, needs caddy: cargo xtask test",
            "test deep::long ... ignored, long: cargo xtask deep",
            "test a::fine ... ok",
        ] {
            ignored.line(line, &missing);
        }
        assert_eq!(ignored.to_run(), ["a::y", "a::z"]);
        assert_eq!(ignored.left_out(), 4);
    }
}

//! The programs of tests that cargo builds, two at one time.
//!
//! `cargo test` runs one after the other. Some of them use both processors and others wait for minutes, for
//! clients that are slow on purpose, so two of them at one time take much less than one after the other.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::EVERYTHING;
use super::counts::Counts;
use crate::Result;
use crate::json::Json;
use crate::step::{cargo, quiet, side_by_side, watch};

/// What runs for minutes, longest first. It starts first, so that nothing long is left at the end.
const LONG: [&str; 5] = ["suite", "race", "it", "compile_fail", "mizan_core"];
const AT_ONCE: usize = 2;

/// A program of tests.
#[derive(Debug, PartialEq)]
pub(super) struct Tests {
    name: String,
    package: String,
    /// Where cargo would start it.
    folder: PathBuf,
    program: PathBuf,
}

/// Builds all programs of tests. Those that take longest are first.
pub(super) fn build() -> Result<Vec<Tests>> {
    let words = ["--tests", "--no-run", "--message-format", "json"];
    let text = quiet(cargo(&[&["test", "--quiet"], &EVERYTHING[..], &words].concat()))?;
    let mut all: Vec<Tests> = text.lines().filter_map(Tests::parse).collect();
    all.sort_by_key(|tests| {
        Reverse(LONG.iter().rev().position(|name| *name == tests.name).map(|at| at + 1))
    });
    Ok(all)
}

/// Runs them all, also after one has failed, and adds up what they count. `look` gets every line.
pub(super) fn run(
    all: &[Tests],
    words: &[&str],
    environment: &[(&str, &str)],
    counts: &mut Counts,
    look: impl FnMut(&str) + Send,
) -> Result {
    let seen = Mutex::new((counts, look));
    side_by_side(all, AT_ONCE, |tests| {
        let mut command = tests.command();
        command.args(words).envs(environment.iter().copied());
        (
            tests.title(),
            watch(command, |line| {
                let (counts, look) = &mut *seen.lock().unwrap_or_else(PoisonError::into_inner);
                counts.cargo_line(line);
                look(line);
            }),
        )
    })
}

impl Tests {
    /// A line of what cargo prints as JSON, where it is about such a program.
    fn parse(line: &str) -> Option<Self> {
        let json = Json::parse(line)?;
        let target = json.get("target");
        let folder = Path::new(json.get("manifest_path").text()?).parent()?;
        (*json.get("profile").get("test") == Json::Bool(true)).then_some(())?;
        Some(Self {
            name: target.get("name").text()?.to_owned(),
            package: package(json.get("package_id").text()?).to_owned(),
            folder: folder.to_owned(),
            program: json.get("executable").text()?.into(),
        })
    }

    /// The program as cargo would start it.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder);
        command.env("CARGO_MANIFEST_DIR", &self.folder).env("CARGO_PKG_NAME", &self.package);
        command
    }

    fn title(&self) -> String {
        format!("{} of {}", self.name, self.package)
    }
}

/// The package in `path+file:///a/b#name@0.1.0`, or in `path+file:///a/name#0.1.0`.
fn package(id: &str) -> &str {
    let (path, end) = id.rsplit_once('#').unwrap_or((id, ""));
    match end.split_once('@') {
        Some((name, _)) => name,
        None => path.rsplit('/').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Tests, package};

    #[test]
    fn a_package_has_a_name_in_either_form_of_its_id() {
        assert_eq!(package("path+file:///a/core#mizan-core@0.1.0"), "mizan-core");
        assert_eq!(package("path+file:///a/xtask#0.1.0"), "xtask");
    }

    #[test]
    fn only_what_holds_tests_is_run_and_where_cargo_would_run_it() {
        let line = |test: &str, program: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///a/xtask#0.1.0",
                "manifest_path":"/a/xtask/Cargo.toml","target":{{"name":"it"}},
                "profile":{{"test":{test}}},"executable":{program}}}"#
            )
        };
        let tests = Tests::parse(&line("true", r#""/t/it-1""#));
        let expected = Tests {
            name: "it".into(),
            package: "xtask".into(),
            folder: "/a/xtask".into(),
            program: "/t/it-1".into(),
        };
        assert_eq!(tests, Some(expected));
        assert_eq!(Tests::parse(&line("false", r#""/t/it-1""#)), None);
        assert_eq!(Tests::parse(&line("true", "null")), None);
        assert_eq!(Tests::parse(r#"{"reason":"build-finished","success":true}"#), None);
    }
}

//! Every test, on a machine that may lack what they need.

use crate::postgres::Postgres;
use crate::step::{cargo, command, loud, quiet, show, step, watch};
use crate::{Result, codegen, deny, machine, redis, tidy};

/// What the runners counted.
#[derive(Default)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// Installs what is missing and runs everything.
pub(crate) fn test() -> Result {
    machine::node_packages()?;
    let chromium = machine::chromium()?;
    step("check the format", || quiet(cargo(&["fmt", "--all", "--", "--check"])))?;
    tidy::tidy()?;
    deny::deny()?;
    loud("lint", || {
        show(cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    loud("build the documentation", || {
        let mut doc = cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
        doc.env("RUSTDOCFLAGS", "-D warnings");
        show(doc)
    })?;
    let mut counts = Counts::default();
    loud("test what needs Rust alone", || counts.rust(&["test", "--workspace"], &[]))?;
    step("build what the other tests start", || {
        quiet(cargo(&["build", "--workspace", "--bins", "--examples"]))
    })?;
    codegen::codegen(true)?;
    codegen::second_profile()?;
    loud("check the types of every TypeScript package", || {
        show(command(&["npm", "run", "--silent", "typecheck"]))
    })?;
    let postgres = Postgres::start()?;
    redis::redis()?;
    loud("test what needs npm packages, PostgreSQL or Redis", || {
        let mut words = vec!["test", "--workspace", "--tests"];
        words.extend(DEEP.iter().flat_map(|package| ["--exclude", package]));
        words.extend(["--", "--ignored", "--nocapture"]);
        counts.rust(&words, &[("SOUK_TEST_POSTGRES", &postgres.url)])
    })?;
    loud("test the TypeScript packages", || counts.script(&["npm", "test", "--silent"], &[]))?;
    let browser = chromium.to_string_lossy().into_owned();
    for client in ["hello-client", "souk-client"] {
        step(&format!("build the page of {client}"), || {
            quiet(command(&["npm", "run", "--silent", "build", "-w", client]))
        })?;
        loud(&format!("test {client} in the browser"), || {
            counts
                .script(&["npm", "run", "--silent", "e2e", "-w", client], &[("CHROMIUM", &browser)])
        })?;
    }
    loud("test souk-client in the browser, on PostgreSQL", || {
        let environment = [("CHROMIUM", &*browser), ("SOUK_E2E_DATABASE_URL", &postgres.url)];
        counts.script(&["npm", "run", "--silent", "e2e", "-w", "souk-client"], &environment)
    })?;
    drop(postgres);
    println!("\nmizan: {} passed, {} failed", counts.passed, counts.failed);
    match counts.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} tests failed")),
    }
}

/// What these ignore is long, and needs no program that may be missing.
const DEEP: [&str; 3] = ["mizan-hostile-input", "mizan-cache-model", "mizan-cache-schedules"];

/// The long checks: properties with far more cases, the model with more actors and faults, more
/// schedules of the code that is shipped, and more mutations of hostile input.
pub(crate) fn deep() -> Result {
    loud("properties with 100,000 cases each", || {
        let words =
            ["test", "--release", "-p", "mizan-core", "--test", "it", "--", "oracle", "no_"];
        let mut long = cargo(&words);
        long.env("PROPTEST_CASES", "100000");
        show(long)
    })?;
    DEEP.iter().try_for_each(|package| {
        loud(&format!("the long tests of {package}"), || {
            show(cargo(&["test", "--release", "-p", package, "--", "--ignored", "--nocapture"]))
        })
    })
}

impl Counts {
    /// Runs `cargo test` and adds up its closing lines.
    fn rust(&mut self, words: &[&str], environment: &[(&str, &str)]) -> Result {
        let mut test = cargo(words);
        test.envs(environment.iter().copied());
        watch(test, |line| {
            if let Some(rest) = line.strip_prefix("test result: ") {
                self.passed += before(rest, " passed");
                self.failed += before(rest, " failed");
            }
        })
    }

    /// Runs a test script of npm and adds up what node's runner or vitest closes with.
    fn script(&mut self, words: &[&str], environment: &[(&str, &str)]) -> Result {
        let mut script = command(words);
        script.envs(environment.iter().copied()).env("NO_COLOR", "1");
        watch(script, |line| {
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
        })
    }
}

/// The number that stands before a word.
fn before(text: &str, word: &str) -> u64 {
    let head = text.find(word).map(|at| &text[..at]).unwrap_or_default();
    let digits = head.rsplit(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

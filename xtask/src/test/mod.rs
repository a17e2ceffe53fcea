//! Every test, on a machine that may lack what they need.

mod built;
mod counts;
mod deep;
mod matrix;
mod needs;

use std::path::{Path, PathBuf};
use std::time::Instant;

use counts::Counts;
pub(crate) use deep::deep;
use needs::{Ignored, Missing};

use crate::machine::Machine;
use crate::postgres::Postgres;
use crate::programs::{self, Program};
use crate::step::{beside, cargo, command, loud, quiet, root, say, show, step, times};
use crate::{
    Result, archives, codegen, conformance, deny, docs, machine, reference, surface, tidy,
    workflows,
};

/// One selection of crates and features for everything that is compiled: each crate is then built
/// once, and the commands start what the tests have built.
const EVERYTHING: [&str; 2] = ["--workspace", "--all-features"];

/// What tests need, in addition to what [`Ready::new`] finds in another way.
const PROGRAMS: [&Program; 4] =
    [&programs::REDIS, &programs::NGINX, &programs::CADDY, &programs::OPENSSL];

/// What is tried where it is there, and never installed.
const OPTIONAL: &str = "systemd-analyze";

/// Installs what is missing and runs everything. Without apt, what needs a missing program is left
/// out and counted.
pub(crate) fn test() -> Result {
    let start = Instant::now();
    let mut counts = Counts::default();
    let mut missing = Missing::default();
    let result = every(&mut counts, &mut missing);
    println!("\nwhere the time went:\n{}", times(start.elapsed()));
    result?;
    println!("{}", counts.total(&missing));
    match counts.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} tests failed")),
    }
}

/// What was found on this machine.
struct Ready {
    node: bool,
    chromium: Option<PathBuf>,
    postgres: Option<Postgres>,
}

impl Ready {
    fn new(missing: &mut Missing) -> Result<Self> {
        let machine = Machine::here();
        let node = match machine::node_packages() {
            Err(error) if machine.find("apt-get").is_none() => {
                say(&format!("! {error}"));
                missing.add(programs::NODE.name);
                false
            }
            result => result.map(|()| true)?,
        };
        let chromium = machine::chromium(&machine)?;
        let postgres = Postgres::start(&machine)?;
        for (name, found) in [
            (programs::CHROMIUM.name, chromium.is_some()),
            (programs::POSTGRES.name, postgres.is_some()),
            (OPTIONAL, machine.find(OPTIONAL).is_some()),
            ("node", node),
            ("bun", machine::bun(&machine).is_some()),
        ] {
            if !found {
                missing.add(name);
            }
        }
        for program in PROGRAMS {
            if machine.obtain(program, || machine.find_program(program))?.is_none() {
                missing.add(program.name);
            }
        }
        Ok(Self { node, chromium, postgres })
    }
}

fn every(counts: &mut Counts, missing: &mut Missing) -> Result {
    let ready = Ready::new(missing)?;
    step("check the format", || quiet(cargo(&["fmt", "--all", "--", "--check"])))?;
    tidy::tidy()?;
    reference::reference(true)?;
    deny::where_installed()?;
    // The compiler waits for its longest crate often enough to leave room for these.
    let without_compiler = || {
        let checked = workflows::where_possible(&Machine::here())?;
        let left_out = Counts { left_out: SCRIPTS, ..Counts::default() };
        Ok((checked, if ready.node { scripts()? } else { left_out }))
    };
    let (checked, scripts) = beside(without_compiler, compile)?;
    counts.add(&scripts);
    if !checked {
        counts.left_out += 1;
        missing.add("check-jsonschema");
    }
    codegen::compare_built()?;
    codegen::second_order()?;
    conformance::compare_built()?;
    let postgres = ready.postgres.as_ref().map(|server| &*server.url);
    rust(counts, missing, postgres)?;
    loud("test the examples of the documentation", || {
        counts.rust(&[&["test"], &EVERYTHING[..], &["--doc"]].concat(), &[], |_| {})
    })?;
    match &ready.chromium {
        Some(chromium) if ready.node => pages(counts, chromium, postgres),
        _ => {
            counts.left_out += PAGES;
            Ok(())
        }
    }
}

/// Runs the tests of Rust: all at once, or first those that need nothing and then, by name, those
/// whose programs are there.
fn rust(counts: &mut Counts, missing: &Missing, postgres: Option<&str>) -> Result {
    let environment: Vec<_> = postgres.map(|url| ("SOUK_TEST_POSTGRES", url)).into_iter().collect();
    let all = built::build()?;
    if missing.is_empty() {
        return loud("test Rust", || {
            let words = ["--include-ignored", "--skip", deep::MODULE];
            built::run(&all, &words, &environment, counts, |_| {})
        });
    }
    let mut ignored = Ignored::default();
    loud("test Rust", || {
        let words = ["--skip", deep::MODULE];
        built::run(&all, &words, &environment, counts, |line| ignored.line(line, missing))
    })?;
    counts.left_out += ignored.left_out();
    let names = ignored.to_run();
    if names.is_empty() {
        return Ok(());
    }
    loud("test Rust with the programs that are here", || {
        let words = [&["--ignored", "--exact"][..], &names].concat();
        built::run(&all, &words, &environment, counts, |_| {})
    })
}

/// What is compiled, and what the compiler says.
fn compile() -> Result {
    loud("lint", || {
        let denied = ["--all-targets", "--", "-D", "warnings"];
        show(cargo(&[&["clippy", "--quiet"], &EVERYTHING[..], &denied].concat()))
    })?;
    surface::document()?;
    matrix::matrix()?;
    archives::archives()?;
    step("build everything", || {
        let targets = ["--bins", "--tests", "--examples"];
        quiet(cargo(&[&["build", "--quiet"], &EVERYTHING[..], &targets].concat()))
    })?;
    surface::compare_built()
}

/// The checks and tests of the TypeScript packages that need no server.
fn scripts() -> Result<Counts> {
    let mut counts = Counts::default();
    for (name, script) in [
        ("lint the TypeScript packages", "lint"),
        ("check the types of every TypeScript package", "typecheck"),
        ("check the packages as npm would publish them", "check:packages"),
    ] {
        loud(name, || show(command(&["npm", "run", "--silent", script])))?;
    }
    loud("test the TypeScript packages", || counts.script(&["npm", "test", "--silent"], &[]))?;
    loud("test the rules of the site of the documents", || {
        counts.script(&["npm", "run", "--silent", "docs:test"], &[])
    })?;
    docs::build()?;
    for client in CLIENTS {
        step(&format!("build the page of {client}"), || {
            quiet(command(&["npm", "run", "--silent", "build", "-w", client]))
        })?;
    }
    Ok(counts)
}

/// How many commands [`scripts`] and [`pages`] run: what is left out without Node or a browser.
const SCRIPTS: u64 = 6;
const PAGES: u64 = 7;

/// The examples that have a page.
const CLIENTS: [&str; 2] = ["hello-client", "souk-client"];

/// The pages, in a browser, each against its server.
fn pages(counts: &mut Counts, chromium: &Path, postgres: Option<&str>) -> Result {
    let browser = chromium.to_string_lossy().into_owned();
    let mut page = |client: &str, script: &str, on: &str, environment: &[(&str, &str)]| {
        loud(&format!("test {client} in the browser{on}"), || {
            let environment = [&[("CHROMIUM", &*browser)], environment].concat();
            counts.script(&["npm", "run", "--silent", script, "-w", client], &environment)
        })
    };
    CLIENTS.iter().try_for_each(|client| page(client, "e2e", "", &[]))?;
    page("scenarios", "e2e", "", &[])?;
    page("@mizan/ssr", "e2e", "", &[])?;
    // The Rust tests have built the first, as a copy of hello.
    for (client, script, variable, program) in [
        ("hello-client", "e2e", "HELLO_BIN", "hello-axum"),
        ("souk-client", "e2e:core", "SOUK_BIN", "souk-axum"),
    ] {
        let program = root().join("target/debug").join(program);
        page(client, script, ", on axum", &[(variable, &*program.to_string_lossy())])?;
    }
    match postgres {
        Some(url) => {
            page("souk-client", "e2e", ", on PostgreSQL", &[("SOUK_E2E_DATABASE_URL", url)])
        }
        None => {
            counts.left_out += 1;
            Ok(())
        }
    }
}

//! Every test, on a machine that may lack what they need.

mod counts;
mod deep;
mod matrix;

use std::path::Path;
use std::time::Instant;

use counts::Counts;
pub(crate) use deep::deep;

use crate::postgres::Postgres;
use crate::step::{beside, cargo, command, loud, quiet, show, step, times};
use crate::{Result, archives, codegen, deny, docs, machine, redis, reference, surface, tidy};

/// One selection of crates and features for everything that is compiled: each crate is then built
/// once, and the commands start what the tests have built.
const EVERYTHING: [&str; 2] = ["--workspace", "--all-features"];

/// Installs what is missing and runs everything.
pub(crate) fn test() -> Result {
    let start = Instant::now();
    let mut counts = Counts::default();
    let result = every(&mut counts);
    println!("\nwhere the time went:\n{}", times(start.elapsed()));
    result?;
    println!("mizan: {} passed, {} failed", counts.passed, counts.failed);
    match counts.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} tests failed")),
    }
}

fn every(counts: &mut Counts) -> Result {
    machine::node_packages()?;
    let chromium = machine::chromium()?;
    redis::redis()?;
    let postgres = Postgres::start()?;
    step("check the format", || quiet(cargo(&["fmt", "--all", "--", "--check"])))?;
    tidy::tidy()?;
    reference::reference(true)?;
    deny::where_installed()?;
    // The compiler waits for its longest crate often enough to leave room for these.
    counts.add(&beside(scripts, compile)?);
    codegen::compare_built()?;
    codegen::second_order()?;
    loud("test Rust", || {
        let all = ["--tests", "--", "--include-ignored", "--skip", deep::MODULE];
        let words = [&["test"], &EVERYTHING[..], &all].concat();
        counts.rust(&words, &[("SOUK_TEST_POSTGRES", &postgres.url)])
    })?;
    loud("test the examples of the documentation", || {
        counts.rust(&[&["test"], &EVERYTHING[..], &["--doc"]].concat(), &[])
    })?;
    pages(counts, &chromium, &postgres)
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

/// The examples that have a page.
const CLIENTS: [&str; 2] = ["hello-client", "souk-client"];

/// The pages, in a browser, each against its server.
fn pages(counts: &mut Counts, chromium: &Path, postgres: &Postgres) -> Result {
    let browser = chromium.to_string_lossy().into_owned();
    let mut page = |client: &str, on: &str, environment: &[(&str, &str)]| {
        loud(&format!("test {client} in the browser{on}"), || {
            let environment = [&[("CHROMIUM", &*browser)], environment].concat();
            counts.script(&["npm", "run", "--silent", "e2e", "-w", client], &environment)
        })
    };
    CLIENTS.iter().try_for_each(|client| page(client, "", &[]))?;
    page("souk-client", ", on PostgreSQL", &[("SOUK_E2E_DATABASE_URL", &postgres.url)])
}

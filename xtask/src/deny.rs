//! Licences, bans, sources and advisories of dependencies, by cargo-deny.

use crate::Result;
use crate::machine::has;
use crate::step::{cargo, loud, quiet, show, step};

/// Checks everything, and installs cargo-deny where it is missing.
pub(crate) fn deny() -> Result {
    if !is_installed() {
        loud("install cargo-deny", || show(cargo(&["install", "--locked", "cargo-deny"])))?;
    }
    without_network()?;
    advisories()
}

/// Checks what needs no network, where cargo-deny is installed: it takes minutes to compile, which a test run does not.
pub(crate) fn where_installed() -> Result {
    if is_installed() {
        return without_network();
    }
    println!(
        "! cargo-deny is missing, so licences, bans and sources are NOT checked: cargo xtask deny"
    );
    Ok(())
}

fn is_installed() -> bool {
    has(&["cargo-deny", "--version"])
}

fn without_network() -> Result {
    step("check licences, bans and sources", || {
        quiet(cargo(&["deny", "--all-features", "check", "licenses", "bans", "sources"]))
    })
    .map(drop)
}

/// Checks the newest advisories, else those that were fetched before. Reports where there are none.
fn advisories() -> Result {
    let check = |name: &str| {
        step(name, || {
            let words = ["deny", "--offline", "--all-features", "check", "advisories"];
            quiet(cargo(&words)).map(drop)
        })
    };
    match step("fetch advisories", || quiet(cargo(&["deny", "fetch", "db"]))) {
        Ok(_) => check("check advisories"),
        Err(reason) => {
            let reason = reason.trim();
            if is_fetched() {
                println!(
                    "! the newest advisories cannot be fetched, so those from before are checked: {reason}"
                );
                return check("check the advisories from before");
            }
            println!("! advisories are NOT checked: the database cannot be fetched: {reason}");
            Ok(())
        }
    }
}

/// Whether a database of advisories was fetched before.
fn is_fetched() -> bool {
    let cargo_home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let databases = home.and_then(|home| std::fs::read_dir(home.join("advisory-dbs")).ok());
    databases.is_some_and(|found| found.flatten().any(|entry| entry.path().join(".git").exists()))
}

//! Licences, bans, sources and advisories of dependencies, by cargo-deny.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::step::{cargo, command, loud, quiet, say, show, step};

/// Checks everything, and installs cargo-deny where it is missing.
pub(crate) fn deny() -> Result {
    Deny::here().everything().map(drop)
}

/// Checks what needs no network, where cargo-deny is installed: it takes minutes to compile, which a test run does not.
pub(crate) fn where_installed() -> Result {
    Deny::here().where_installed().map(drop)
}

/// The programs and the folder that are used. A test has its own.
struct Deny {
    /// Where programs are, if not in the PATH of this process.
    path: Option<PathBuf>,
    /// Where cargo keeps what it fetches.
    home: Option<PathBuf>,
}

/// What was checked of the advisories, or why nothing was.
#[derive(Debug, PartialEq)]
enum Advisories {
    Newest,
    FromBefore,
    NotChecked,
}

impl Deny {
    fn here() -> Self {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        Self { path: None, home: home.or_else(|| Some(env::home_dir()?.join(".cargo"))) }
    }

    fn everything(&self) -> Result<Advisories> {
        if !self.is_installed() {
            loud("install cargo-deny", || {
                show(self.cargo(&["install", "--locked", "cargo-deny"]))
            })?;
        }
        self.without_network()?;
        self.advisories()
    }

    /// Whether anything was checked.
    fn where_installed(&self) -> Result<bool> {
        if self.is_installed() {
            return self.without_network().map(|()| true);
        }
        say(
            "! cargo-deny is missing, so licences, bans and sources are NOT checked: cargo xtask deny",
        );
        Ok(false)
    }

    fn is_installed(&self) -> bool {
        let program = self.path.as_ref().map(|path| path.join("cargo-deny"));
        let program = program.unwrap_or_else(|| "cargo-deny".into());
        quiet(command(&[&*program.to_string_lossy(), "--version"])).is_ok()
    }

    fn without_network(&self) -> Result {
        step("check licences, bans and sources", || {
            quiet(self.cargo(&["deny", "--all-features", "check", "licenses", "bans", "sources"]))
        })
        .map(drop)
    }

    /// Checks the newest advisories, else those that were fetched before. Reports where there are none.
    fn advisories(&self) -> Result<Advisories> {
        let check = |name: &str| {
            step(name, || {
                let words = ["deny", "--offline", "--all-features", "check", "advisories"];
                quiet(self.cargo(&words)).map(drop)
            })
        };
        match step("fetch advisories", || quiet(self.cargo(&["deny", "fetch", "db"]))) {
            Ok(_) => check("check advisories").map(|()| Advisories::Newest),
            Err(reason) => {
                let reason = reason.trim();
                if self.is_fetched() {
                    say(&format!(
                        "! the newest advisories cannot be fetched, so those from before are checked: {reason}"
                    ));
                    return check("check the advisories from before")
                        .map(|()| Advisories::FromBefore);
                }
                say(&format!(
                    "! advisories are NOT checked: the database cannot be fetched: {reason}"
                ));
                Ok(Advisories::NotChecked)
            }
        }
    }

    /// Whether a database of advisories was fetched before.
    fn is_fetched(&self) -> bool {
        let databases = self.home.as_ref().map(|home| home.join("advisory-dbs"));
        let databases = databases.and_then(|folder| std::fs::read_dir(folder).ok());
        databases
            .is_some_and(|found| found.flatten().any(|entry| entry.path().join(".git").exists()))
    }

    fn cargo(&self, words: &[&str]) -> Command {
        let Some(path) = &self.path else { return cargo(words) };
        command(&[&[&*path.join("cargo").to_string_lossy()], words].concat())
    }
}

#[cfg(all(test, unix))]
mod tests;

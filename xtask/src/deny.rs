//! Licences, bans and sources of dependencies, by cargo-deny where it is installed.

use crate::Result;
use crate::machine::has;
use crate::step::{cargo, quiet, step};

/// Checks what needs no network. Says loudly where the tool is missing.
pub(crate) fn deny() -> Result {
    if !has(&["cargo-deny", "--version"]) {
        println!(
            "! cargo-deny is not installed, so licences, bans and sources are NOT checked: cargo install cargo-deny"
        );
        return Ok(());
    }
    step("check licences, bans and sources", || {
        quiet(cargo(&["deny", "--all-features", "check", "licenses", "bans", "sources"]))
    })?;
    Ok(())
}

//! The moving picture of the README, recorded from the real market in a real browser.

use crate::Result;
use crate::demo::{SOUK, build};
use crate::machine::{self, Machine};
use crate::programs::CHROMIUM;
use crate::step::{command, quiet, step};

/// Builds Souk and its page, and records `docs/rename.webp`.
pub(crate) fn picture() -> Result {
    let missing = || format!("{} is missing", CHROMIUM.name);
    let chromium = machine::chromium(&Machine::here())?.ok_or_else(missing)?;
    build(&SOUK, false)??;
    step("record the picture", || {
        let mut record = command(&["npm", "run", "--silent", "picture", "-w", "souk-client"]);
        record.env("CHROMIUM", chromium);
        quiet(record)
    })
    .map(|printed| print!("  {printed}"))
}

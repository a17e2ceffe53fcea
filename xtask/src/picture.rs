//! The moving picture of the README, recorded from the real market in a real browser.

use crate::Result;
use crate::demo::{SOUK, build};
use crate::machine;
use crate::step::{command, quiet, step};

/// Builds Souk and its page, and records `docs/rename.webp`.
pub(crate) fn picture() -> Result {
    let chromium = machine::chromium()?;
    build(&SOUK)??;
    step("record the picture", || {
        let mut record = command(&["npm", "run", "--silent", "picture", "-w", "souk-client"]);
        record.env("CHROMIUM", chromium);
        quiet(record)
    })
    .map(|printed| print!("  {printed}"))
}

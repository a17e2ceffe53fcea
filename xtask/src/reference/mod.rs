//! `docs/reference.md`, written from the sources: the words of the macro, the builder, the server, the environment, the
//! generator, the kernel and the hooks.
//!
//! Everything in it is next to the code: a table in the documentation of the macro, the last lines of the doc comment of a
//! method, the table of variables in `docs/deploy.md`, and the tags of a TypeScript doc comment. Something that has no
//! example or no default there is a fault.

mod page;
mod rust;
mod typescript;

use std::fs;

use crate::Result;
use crate::step::{root, step};

/// The page, from the root of the repository.
pub(crate) const PAGE: &str = "docs/reference.md";

/// Writes the page, or compares it.
pub(crate) fn reference(check: bool) -> Result {
    let name = if check { "compare the reference" } else { "write the reference" };
    step(name, || {
        let read = |path: &str| {
            fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
        };
        let page = page::page(&read)?;
        let path = root().join(PAGE);
        if !check {
            return fs::write(path, page).map_err(|error| format!("{PAGE}: {error}"));
        }
        let known = fs::read_to_string(path).unwrap_or_default();
        if known == page {
            return Ok(());
        }
        let changed = page.lines().zip(known.lines()).position(|(now, known)| now != known);
        let line = changed.unwrap_or_else(|| page.lines().count().min(known.lines().count())) + 1;
        Err(format!("{PAGE}:{line}: the sources have changed; run `cargo xtask reference`"))
    })
}

/// A cell of a table: one line, with marks that would end it taken back.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A code span as a cell.
fn code(text: &str) -> String {
    // A span that has a mark of its own needs two around it.
    let mark = if text.contains('`') { "``" } else { "`" };
    format!("{mark}{}{mark}", cell(text))
}

/// A row of a table.
fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// The first rows of a table.
fn table(titles: &[&str]) -> String {
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    row(&titles) + &row(&vec!["---".to_owned(); titles.len()])
}

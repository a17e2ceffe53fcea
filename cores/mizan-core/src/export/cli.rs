//! `app mizan schema`, `app mizan manifest`, `app mizan graph`: the first line of an application's
//! `main`, before it needs a database or a runtime.

use std::io::Write;

use super::{document, listing, manifest};
use crate::DEFAULT_MOUNT;
use crate::function::Function;
use crate::graph::{BuildError, Graph};
use crate::registry::{linked, nothing_linked};

const USAGE: &str = "usage: mizan schema|manifest|graph";

/// Answers `mizan …` on the command line, for the functions linked into this binary, and ends the
/// process. Returns at once unless the first argument is `mizan`. Fails with the mistakes of the
/// graph.
pub fn cli() -> Result<(), BuildError> {
    cli_of(linked)
}

/// The same for functions that are registered explicitly; they are asked for only when needed.
pub fn cli_of(functions: impl FnOnce() -> Vec<Function>) -> Result<(), BuildError> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some("mizan") {
        return Ok(());
    }
    let command = arguments.next().unwrap_or_default();
    let functions = functions();
    if functions.is_empty() {
        return Err(nothing_linked());
    }
    match print(&command, &Graph::resolve(functions, None)?) {
        Some(text) => {
            // A reader that goes away early is no mistake of ours.
            let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
            std::process::exit(0)
        }
        None => {
            let _ = writeln!(std::io::stderr().lock(), "{USAGE}");
            std::process::exit(2)
        }
    }
}

fn print(command: &str, graph: &Graph) -> Option<String> {
    match command {
        "schema" => serde_json::to_string_pretty(&document::document(graph)).ok(),
        "manifest" => {
            serde_json::to_string_pretty(&manifest::manifest(graph, DEFAULT_MOUNT, &[])).ok()
        }
        "graph" => Some(listing::listing(graph)),
        _ => None,
    }
}

//! `app mizan schema`, `app mizan manifest`, `app mizan graph`: the first line of an application's
//! `main`, before it needs a database or a runtime.

use std::io::Write;

use super::{Builder, Described};
use crate::error::BuildError;
use crate::export;
use crate::function::Function;
use crate::registry::Mizan;

const USAGE: &str = "usage: mizan schema|manifest|graph|export <folder>";

/// Answers `mizan …` on the command line, for the functions linked into this binary, and ends the
/// process. Returns at once unless the first argument is `mizan`.
///
/// [`Builder::handle_cli`] does the same with the settings of a builder.
///
/// # Errors
/// Every mistake of the graph at once.
pub fn handle_cli() -> Result<(), BuildError> {
    answer(Mizan::builder)
}

/// The same for functions that are registered explicitly; they are asked for only when needed.
///
/// # Errors
/// As [`handle_cli`].
pub fn handle_cli_with(functions: impl FnOnce() -> Vec<Function>) -> Result<(), BuildError> {
    answer(|| Builder::empty().functions(functions()))
}

impl Builder {
    /// The same as [`handle_cli`] for this builder: its functions, its mount point and its page routes.
    /// Gives the builder back where the first argument is not `mizan`.
    ///
    /// Example: `Mizan::builder().mount("/rpc").handle_cli()?`.
    ///
    /// # Errors
    /// As the function [`handle_cli`].
    ///
    /// # Examples
    /// ```no_run
    /// use mizan_core::Mizan;
    ///
    /// let builder = Mizan::builder().mount("/rpc").page_route("user", "/people/<user_id>/").handle_cli()?;
    /// // … and now the database, `.state(…)` and `.build()`
    /// # Ok::<(), mizan_core::BuildError>(())
    /// ```
    pub fn handle_cli(self) -> Result<Self, BuildError> {
        let mut own = Some(self);
        answer(|| own.take().unwrap_or_else(Self::empty))?;
        Ok(own.unwrap_or_else(Self::empty))
    }
}

fn answer(builder: impl FnOnce() -> Builder) -> Result<(), BuildError> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some("mizan") {
        return Ok(());
    }
    let command = arguments.next().unwrap_or_default();
    // It needs the whole registry: `Mizan::handle_cli` responds.
    if cfg!(feature = "pages") && command == "export" {
        return Ok(());
    }
    match print(&command, &builder().described()?) {
        Some(text) => {
            // A reader that goes away early is not an error.
            let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
            std::process::exit(0)
        }
        None => {
            let _ = writeln!(std::io::stderr().lock(), "{USAGE}");
            std::process::exit(2)
        }
    }
}

fn print(command: &str, described: &Described) -> Option<String> {
    let Described { graph, mount, page_routes } = described;
    match command {
        "schema" => serde_json::to_string_pretty(&export::document(graph)).ok(),
        "manifest" => {
            serde_json::to_string_pretty(&export::manifest(graph, mount, page_routes)).ok()
        }
        "graph" => Some(export::listing(graph)),
        _ => None,
    }
}

//! The arguments that `cargo test` passes on.

use super::{Job, processors};
use crate::case::Needs;

/// Which cases run, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
    /// Cases that are ignored otherwise run: alone, or as well.
    ignored: bool,
    include_ignored: bool,
    /// The names are printed, and nothing runs.
    pub list: bool,
    /// How many run at a time.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::env::var("RUST_TEST_THREADS").ok();
        let threads = threads.and_then(|threads| threads.parse().ok());
        Self {
            filters: Vec::new(),
            skips: Vec::new(),
            exact: false,
            ignored: false,
            include_ignored: false,
            list: false,
            threads: threads.unwrap_or_else(processors),
        }
    }
}

impl Options {
    /// Reads the arguments of a test program. An option that is unknown changes nothing.
    ///
    /// # Errors
    /// An option without its value.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value =
                || value.clone().or_else(|| arguments.next()).ok_or(format!("{name}: no value"));
            match name {
                "--ignored" => options.ignored = true,
                "--include-ignored" => options.include_ignored = true,
                "--exact" => options.exact = true,
                "--list" => options.list = true,
                "--skip" => options.skips.push(value()?),
                "--test-threads" => {
                    options.threads = value()?.parse().map_err(|_| format!("{name}: no number"))?;
                }
                "--format" | "--color" | "--logfile" | "-Z" => drop(value()?),
                other if other.starts_with('-') => {}
                _ => options.filters.push(argument.clone()),
            }
        }
        Ok(options)
    }

    /// Whether a job is among those that are asked for.
    pub fn selects(&self, job: &Job<'_>) -> bool {
        let name = job.name();
        let matches = |filter: &String| {
            if self.exact { name == *filter } else { name.contains(filter.as_str()) }
        };
        let wanted = self.filters.is_empty() || self.filters.iter().any(matches);
        wanted && !self.skips.iter().any(matches) && (!self.ignored || ignored(job).is_some())
    }

    /// Why a job that is selected does not run.
    pub fn ignores(&self, job: &Job<'_>) -> Option<&'static str> {
        if self.ignored || self.include_ignored { None } else { ignored(job) }
    }
}

fn ignored(job: &Job<'_>) -> Option<&'static str> {
    job.case.needs.iter().copied().find_map(Needs::is_ignored)
}

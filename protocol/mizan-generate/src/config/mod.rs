//! The configuration that the rest works with, and what a mistake in `mizan.toml` looks like.

mod parse;

use std::fmt;
use std::path::{Path, PathBuf};

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::Options;

/// A configuration that was understood. Paths are resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The directory of the configuration file; commands run there.
    pub directory: PathBuf,
    /// Where the document comes from.
    pub source: Source,
    /// Files and directories that `--watch` reads. `None` leaves it to the kind of source.
    pub watch: Option<Vec<PathBuf>>,
    /// Where the client goes.
    pub output: PathBuf,
    /// What the client is.
    pub options: Options,
}

/// Where a schema document comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The standard output of a command line, which a shell runs.
    Command(String),
    /// A file.
    File(PathBuf),
    /// A URL, and the hash of its content if that is pinned.
    Url {
        /// `https`, or `http` to this machine.
        url: String,
        /// 64 hexadecimal digits in lower case.
        sha256: Option<String>,
    },
}

/// A configuration that cannot be used, with the place in its text.
#[derive(Debug)]
pub struct ConfigError(Box<Details>);

#[derive(Debug)]
struct Details {
    message: String,
    help: String,
    label: Option<LabeledSpan>,
    source: NamedSource<String>,
}

impl Config {
    /// Understands the text of a configuration file at `path`.
    ///
    /// # Errors
    ///
    /// The first mistake, with its place in the text.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        parse::parse(path, text).map_err(|mistake| {
            ConfigError(Box::new(Details {
                label: mistake.span.map(|span| LabeledSpan::new_with_span(None, span)),
                message: mistake.message,
                help: mistake.help,
                source: NamedSource::new(path.display().to_string(), text.to_owned()),
            }))
        })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ConfigError {}

impl Diagnostic for ConfigError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.0.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.0.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.0.label.clone()?;
        Some(Box::new(std::iter::once(label)))
    }
}

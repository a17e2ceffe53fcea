//! One run of the program: configuration, document, client, directory.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use miette::Diagnostic;
use mizan_schema::Document;

use crate::args::Args;
use crate::config::{Config, ConfigError};
use crate::problem::GenerateError;
use crate::source::{self, SourceError};
use crate::writer::{self, Difference, WriteError};
use crate::{generate, output, watch};

/// What a run did, or would have to do.
#[derive(Debug)]
pub struct Run {
    /// True where nothing was to be written.
    pub check: bool,
    /// The output directory.
    pub directory: PathBuf,
    /// What differed there.
    pub difference: Difference,
    /// One line each.
    pub warnings: Vec<String>,
    /// Where integers are that a JavaScript number may not hold exactly.
    pub wide_integers: Vec<String>,
}

/// Why a run ended early.
#[derive(Debug)]
pub enum Error {
    /// The configuration cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// The configuration cannot be used.
    Config(ConfigError),
    /// The document could not be had.
    Source(SourceError),
    /// The document is wrong.
    Generate(GenerateError),
    /// The output directory cannot be used.
    Write(WriteError),
}

/// Generates the client of a configuration file, or compares it with the files that are there.
///
/// # Errors
///
/// The first stage that fails ends the run; nothing has been written then, unless the disk failed.
pub fn run(config: &Path, check: bool) -> Result<Run, Error> {
    Ok(run_and_keep(config, check)?.0)
}

/// A run, and the document that it was made of.
fn run_and_keep(config: &Path, check: bool) -> Result<(Run, Document), Error> {
    make(load(config)?, check)
}

/// The configuration of a run.
pub(crate) fn load(path: &Path) -> Result<Config, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Error::Unreadable(path.to_owned(), error))?;
    Config::parse(path, &text).map_err(Error::Config)
}

/// Everything after that.
pub(crate) fn make(config: Config, check: bool) -> Result<(Run, Document), Error> {
    let document = source::read(&config.source, &config.directory).map_err(Error::Source)?;
    let client = generate(&document, &config.options).map_err(Error::Generate)?;
    let act = if check { writer::compare } else { writer::write };
    let difference = act(&config.output, &client.files).map_err(Error::Write)?;
    let run = Run {
        check,
        directory: config.output,
        difference,
        warnings: client.warnings,
        wide_integers: client.wide_integers,
    };
    Ok((run, document))
}

/// The whole program: runs, prints, and gives the exit code. A failed check gives 1, as does an
/// error. With `--watch` it only ends where the configuration cannot be read at the start.
pub fn main(args: &Args) -> ExitCode {
    if args.watch {
        return watch::watch(args);
    }
    let run = match run_and_keep(&args.config, args.check) {
        Ok((run, document)) => {
            // The process is about to end, and the system frees a large document much faster.
            std::mem::forget(document);
            run
        }
        Err(error) => {
            eprint!("{}", output::diagnostic(&error));
            return ExitCode::FAILURE;
        }
    };
    eprint!("{}", output::warnings(&run, args.verbose));
    print!("{}", output::summary(&run));
    if run.check && !run.difference.changes.is_empty() {
        eprintln!(
            "error: the client is not up to date\n  = help: run `mizan-generate --config {}`",
            args.config.display()
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

impl Error {
    fn inner(&self) -> Option<&dyn Diagnostic> {
        match self {
            Self::Unreadable(..) => None,
            Self::Config(error) => Some(error),
            Self::Source(error) => Some(error),
            Self::Generate(error) => Some(error),
            Self::Write(error) => Some(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Config(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
            Self::Generate(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl Diagnostic for Error {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self.inner() {
            Some(inner) => inner.help(),
            None => Some(Box::new("name the configuration with `--config FILE`")),
        }
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.inner()?.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.inner()?.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        self.inner()?.related()
    }
}

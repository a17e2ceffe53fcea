//! The program that a worker is.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::error::NoProgram;
use crate::find;

/// How a worker is started: a program, its arguments, and the variables it gets.
///
/// A worker does not inherit the environment of the application, so that a component cannot read its secrets. It
/// gets `PATH`, `NODE_ENV`, and what [`Self::env`] and [`Self::inherit`] name.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) variables: Vec<(OsString, OsString)>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) development: bool,
}

impl WorkerCommand {
    /// Any program that speaks the protocol of workers.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: None,
            development: false,
        }
    }

    /// Finds Bun or Node for a bundle of workers. The first of these: the program that `MIZAN_BUN` names,
    /// `node_modules/@oven/bun-*/bin/bun` in the folder of the bundle or in one above it, `bun` on `PATH`, and `node` on
    /// `PATH` if that is version 20 or later. Each candidate is run once with `--version`, so this blocks for some
    /// milliseconds.
    ///
    /// # Errors
    ///
    /// One sentence that says what is missing and how to get it.
    pub fn find(bundle: impl AsRef<Path>) -> Result<Self, NoProgram> {
        find::find(bundle.as_ref())
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Gives workers a variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Gives workers a variable of this process, if it is set here now.
    #[must_use]
    pub fn inherit(self, name: impl AsRef<OsStr>) -> Self {
        match std::env::var_os(&name) {
            Some(value) => self.env(name, value),
            None => self,
        }
    }

    /// The folder in which workers run. Without this call it is that of the application.
    #[must_use]
    pub fn current_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Runs workers with `NODE_ENV=development` in place of `production`: errors of components then have a stack.
    #[must_use]
    pub fn development(mut self) -> Self {
        self.development = true;
        self
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }
}

//! The backend under test: a command that starts its applications, or an address where one runs.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::case::skip;
use crate::server::Server;
use crate::wrong::Fault;

/// The variable that tells a program which application it serves.
pub const APPLICATION: &str = "MIZAN_CONFORMANCE_APPLICATION";

/// What a program under test serves. `CONTRACT.md` says what each of them registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// The registry of the vectors.
    Conformance,
    /// Functions over a database of files, with traps.
    Cache,
    /// Users that may sign in, and guards.
    Identity,
    /// Lists in pages, batches, and calls that bring what the page holds.
    Lists,
    /// Mutations that leave a trace, take their time and fail.
    Probe,
}

impl Application {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Conformance, Self::Cache, Self::Identity, Self::Lists, Self::Probe];

    /// Its name, as the variable holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conformance => "conformance",
            Self::Cache => "cache",
            Self::Identity => "identity",
            Self::Lists => "lists",
            Self::Probe => "probe",
        }
    }

    /// The application of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|application| application.name() == name)
    }
}

/// How the applications are reached.
#[derive(Debug, Clone)]
enum Access {
    /// Words of a command that starts them.
    Command(String),
    /// The application `conformance` runs there, with the settings of the suite.
    Address(SocketAddr),
}

/// A backend under test.
#[derive(Debug, Clone)]
pub struct Backend {
    name: String,
    access: Access,
    folder: PathBuf,
    applications: Vec<Application>,
    is_rust: bool,
    fault: Option<Fault>,
}

impl Backend {
    /// A backend whose applications are started by a command.
    pub fn command(name: impl Into<String>, command: impl Into<String>) -> Self {
        Self::new(name.into(), Access::Command(command.into()), &Application::ALL)
    }

    /// A backend of which one application, `conformance`, runs at an address already.
    pub fn address(name: impl Into<String>, address: SocketAddr) -> Self {
        Self::new(name.into(), Access::Address(address), &[Application::Conformance])
    }

    fn new(name: String, access: Access, applications: &[Application]) -> Self {
        let folder = std::env::temp_dir();
        Self {
            name,
            access,
            folder,
            applications: applications.to_owned(),
            is_rust: false,
            fault: None,
        }
    }

    /// Changes where files of the cases are written.
    #[must_use]
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Changes which applications it has.
    #[must_use]
    pub fn with_applications(mut self, applications: impl Into<Vec<Application>>) -> Self {
        self.applications = applications.into();
        self
    }

    /// Declares that it is built on the Rust core: its command line and its records of panics are judged too.
    #[must_use]
    pub fn on_the_rust_core(mut self) -> Self {
        self.is_rust = true;
        self
    }

    /// Puts a proxy in front of it that changes what passes.
    #[must_use]
    pub fn wrong_by(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is built on the Rust core.
    pub fn is_rust(&self) -> bool {
        self.is_rust
    }

    /// A folder for the files of its cases.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn folder(&self) -> io::Result<PathBuf> {
        let name = format!("mizan-conformance-{}-{}", std::process::id(), self.name);
        let folder = Path::new(&self.folder).join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Starts an application with these settings. Skips the case where the backend does not have it.
    ///
    /// # Errors
    /// The program does not start, or does not print its address.
    pub fn start(&self, application: Application, settings: &[(&str, &str)]) -> io::Result<Server> {
        let program = self.program(application);
        let server = Server::start(&program, &self.with_name(application, settings))?;
        match self.fault {
            Some(fault) => server.behind(fault),
            None => Ok(server),
        }
    }

    /// Starts an application with the settings of the suite, or takes the one that runs already.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn reach(&self, application: Application, settings: &[(&str, &str)]) -> io::Result<Server> {
        match self.access {
            Access::Address(address) if self.applications.contains(&application) => {
                Ok(Server::running(address))
            }
            _ => self.start(application, settings),
        }
    }

    /// The words of the command that starts an application, for a case that starts it itself. They
    /// need the variable [`APPLICATION`].
    pub fn program(&self, application: Application) -> String {
        if !self.applications.contains(&application) {
            skip(&format!("needs the application `{}`", application.name()));
        }
        match &self.access {
            Access::Command(command) => command.clone(),
            Access::Address(_) => skip("needs a start command"),
        }
    }

    /// Runs an application with further arguments and waits for its end.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(
        &self,
        application: Application,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> io::Result<Output> {
        let program = self.program(application);
        let mut words = program.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(arguments).env(APPLICATION, application.name());
        command.envs(settings.iter().copied()).output()
    }

    fn with_name<'a>(
        &self,
        application: Application,
        settings: &[(&'a str, &'a str)],
    ) -> Vec<(&'a str, &'a str)> {
        std::iter::once((APPLICATION, application.name())).chain(settings.iter().copied()).collect()
    }
}

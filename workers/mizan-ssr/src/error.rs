//! Why something could not be done.

use std::fmt;

use crate::pool::Failure;

/// Why a render has no page. Whatever it is, show the page that renders in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderError {
    /// Too many renders wait already, or this one waited half of its deadline for a worker.
    Busy,
    /// It took longer than the deadline.
    Deadline,
    /// Two workers died with it.
    Crashed,
    /// This component has killed two workers with these props and bundles, and is refused with them for 10 minutes.
    Quarantined,
    /// The component threw an error, or is not registered.
    Component {
        /// What went wrong, in the words of the worker.
        message: String,
        /// Where, in source positions. Only in development.
        stack: Option<String>,
    },
    /// Props, bundles or page are over a limit.
    TooLarge {
        /// `props`, `bundles` or `page`.
        what: &'static str,
        /// How many bytes they have.
        bytes: usize,
        /// How many they may have.
        limit: usize,
    },
    /// No worker is ready, and none is expected in time: workers do not come up, or die one after the other.
    Unavailable,
    /// The renderer has been told to stop.
    Stopped,
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "all workers are busy; raise `workers` or `queue`",
            Self::Deadline => "the render took longer than its deadline; make the component faster, or raise `deadline`",
            Self::Crashed => "two workers died while they rendered this; their output says why",
            Self::Quarantined => "this input has killed two workers and is refused for 10 minutes",
            Self::Component { message, .. } => return write!(f, "the component failed: {message}"),
            Self::TooLarge { what, bytes, limit } => {
                let setting = if *what == "page" { "html_limit" } else { "props_limit" };
                return write!(f, "{what} of {bytes} bytes; the limit is {limit} (`{setting}`)");
            }
            Self::Unavailable => "no worker is ready; their output says why",
            Self::Stopped => "the renderer has stopped",
        })
    }
}

impl std::error::Error for RenderError {}

impl From<Failure> for RenderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy => Self::Busy,
            Failure::Deadline => Self::Deadline,
            Failure::Crashed => Self::Crashed,
            Failure::Quarantined => Self::Quarantined,
            Failure::Unavailable => Self::Unavailable,
            Failure::Stopped => Self::Stopped,
        }
    }
}

/// Why a renderer could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that are out of their bounds, one sentence for each.
    Settings(Vec<String>),
    /// The thread of the supervisor could not be started.
    Thread(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(problems) => write!(f, "{}", problems.join("; ")),
            Self::Thread(error) => write!(f, "the supervisor could not be started: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// No worker of a command became ready. The others go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReady {
    /// The last lines that workers wrote, oldest first.
    pub output: Vec<String>,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no worker became ready")?;
        if self.output.is_empty() {
            f.write_str(", and none wrote why")
        } else {
            write!(f, ":\n{}", self.output.join("\n"))
        }
    }
}

impl std::error::Error for NotReady {}

/// There is no program here that can run workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoProgram(pub(crate) String);

impl fmt::Display for NoProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoProgram {}

//! Mistakes of the graph, collected and printed as one list.

use std::fmt;

use crate::function::{Function, Location};

/// One mistake: what is wrong, where its parties stand, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildProblem {
    message: String,
    parties: Vec<(String, Location)>,
    help: String,
}

impl BuildProblem {
    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for BuildProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.message)?;
        for (name, place) in &self.parties {
            writeln!(f, "     `{name}` at {place}")?;
        }
        write!(f, "   help: {}", self.help)
    }
}

/// Every mistake of the graph, found by [`Builder::build`](crate::Builder::build) at once.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    problems: Vec<BuildProblem>,
}

impl BuildError {
    pub(crate) fn single(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            problems: vec![BuildProblem {
                message: message.into(),
                parties: Vec::new(),
                help: help.into(),
            }],
        }
    }

    /// The mistakes, in the order of the names they are about.
    pub fn problems(&self) -> &[BuildProblem] {
        &self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        write!(f, "mizan found {count} {}", if count == 1 { "problem" } else { "problems" })?;
        for (number, problem) in self.problems.iter().enumerate() {
            write!(f, "\n\n{}. {problem}", number + 1)?;
        }
        Ok(())
    }
}

// `main` prints errors by `Debug`; a list on one line would be of no use there.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for BuildError {}

/// The list while it grows.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<BuildProblem>);

impl Report {
    /// Adds a mistake whose parties are functions.
    pub(crate) fn add(
        &mut self,
        message: impl Into<String>,
        parties: &[&Function],
        help: impl Into<String>,
    ) {
        let named = |function: &&Function| (function.name.to_string(), function.place);
        self.add_at(message, parties.iter().map(named).collect(), help);
    }

    pub(crate) fn add_at(
        &mut self,
        message: impl Into<String>,
        mut parties: Vec<(String, Location)>,
        help: impl Into<String>,
    ) {
        parties.sort();
        let problem = BuildProblem { message: message.into(), parties, help: help.into() };
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    pub(crate) fn finish(self) -> Result<(), BuildError> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(BuildError { problems: self.0 }),
        }
    }
}

//! Mistakes of a registry, collected and printed as one list.

use std::fmt;

use crate::location::Location;

/// One mistake: what is wrong, where its parties are, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildProblem {
    message: String,
    parties: Vec<(String, Location)>,
    help: String,
}

impl BuildProblem {
    /// A mistake that is in no function.
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), parties: Vec::new(), help: help.into() }
    }

    /// A mistake whose parties are in source files.
    pub(crate) fn at(
        message: impl Into<String>,
        mut parties: Vec<(String, Location)>,
        help: impl Into<String>,
    ) -> Self {
        parties.sort();
        Self { message: message.into(), parties, help: help.into() }
    }

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

/// Every mistake of a registry and its settings, found by [`Builder::build`](crate::Builder::build) at once.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    problems: Vec<BuildProblem>,
}

impl BuildError {
    pub(crate) fn single(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { problems: vec![BuildProblem::new(message, help)] }
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

/// The list while it grows. Everything that checks adds to one of these, so that one run of `build()`
/// names every mistake.
#[derive(Debug, Default)]
pub(crate) struct BuildProblems(Vec<BuildProblem>);

impl BuildProblems {
    pub(crate) fn add(&mut self, problem: BuildProblem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// Takes the value of a check, or its mistakes.
    pub(crate) fn take<T>(&mut self, checked: Result<T, BuildError>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(error) => {
                error.problems.into_iter().for_each(|problem| self.add(problem));
                None
            }
        }
    }

    /// # Errors
    /// Every mistake that was added.
    pub(crate) fn finish(self) -> Result<(), BuildError> {
        if self.0.is_empty() { Ok(()) } else { Err(BuildError { problems: self.0 }) }
    }
}

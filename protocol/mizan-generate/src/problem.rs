//! What can be wrong with a document, collected so that one run reports everything.
//!
//! Nothing here knows a terminal: rendering is in `output`.

use std::fmt;

use miette::Diagnostic;

/// One mistake of a schema document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Problem {
    pub(crate) fn new(
        pointer: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), message: message.into(), help: help.into() }
    }

    /// Where in the document it is, as a JSON pointer; empty for the document itself.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.pointer.is_empty() {
            write!(f, " (at {})", self.pointer)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

/// Why no client can be written for a document: every mistake found, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerateError {
    pub(crate) problems: Vec<Problem>,
}

impl GenerateError {
    /// Every mistake; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [only] => write!(f, "{only}"),
            all => write!(f, "the schema document has {} mistakes", all.len()),
        }
    }
}

impl std::error::Error for GenerateError {}

impl Diagnostic for GenerateError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self.problems.as_slice() {
            [only] => only.help(),
            _ => None,
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self.problems.as_slice() {
            [_] => None,
            all => Some(Box::new(all.iter().map(|problem| problem as &dyn Diagnostic))),
        }
    }
}

/// One step of a JSON pointer, escaped.
pub(crate) fn pointer_step(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

//! Mistakes of the graph, added to the list of a build.

use crate::error::{BuildProblem, BuildProblems};
use crate::function::Function;
use crate::location::Location;

/// Names the functions of a mistake.
pub(crate) trait Report {
    /// Adds a mistake whose parties are functions.
    fn report(
        &mut self,
        message: impl Into<String>,
        parties: &[&Function],
        help: impl Into<String>,
    );

    /// The same with parties that are named otherwise.
    fn report_at(
        &mut self,
        message: impl Into<String>,
        parties: Vec<(String, Location)>,
        help: impl Into<String>,
    );
}

impl Report for BuildProblems {
    fn report(
        &mut self,
        message: impl Into<String>,
        parties: &[&Function],
        help: impl Into<String>,
    ) {
        let named = |function: &&Function| (function.name.to_string(), function.location);
        self.report_at(message, parties.iter().map(named).collect(), help);
    }

    fn report_at(
        &mut self,
        message: impl Into<String>,
        parties: Vec<(String, Location)>,
        help: impl Into<String>,
    ) {
        self.add(BuildProblem::at(message, parties, help));
    }
}

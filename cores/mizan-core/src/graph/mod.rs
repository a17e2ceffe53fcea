//! The graph: which functions read a context, which change it, and by which arguments.
//!
//! [`Graph::resolve`] consumes descriptors and gives either a graph in which every name is resolved
//! to a position, or every mistake at once. Nothing later checks again.

mod checks;
mod names;
mod plan;
mod report;
mod routes;
mod schemas;
mod shapes;
mod targets;

use std::collections::HashMap;

use crate::function::Function;
use crate::state::StateNeed;

pub(crate) use plan::{ContextNode, ContextParam, Effect, FunctionNode, MergeNode};
pub use report::{BuildError, BuildProblem};
pub(crate) use routes::{Found, Routes, methods};
pub(crate) use schemas::SchemaBook;
pub use shapes::Shapes;

/// Everything that is known before the first request.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Sorted by wire name.
    pub(crate) functions: Vec<FunctionNode>,
    /// Sorted by wire name.
    pub(crate) contexts: Vec<ContextNode>,
    pub(crate) schemas: SchemaBook,
    pub(crate) routes: Routes,
    function_index: HashMap<String, usize>,
    context_index: HashMap<String, usize>,
}

impl Graph {
    /// Resolves descriptors. `states` are the types that the builder was given; `None` where nothing
    /// is going to run, and so none are needed.
    pub(crate) fn resolve(
        mut functions: Vec<Function>,
        states: Option<&[StateNeed]>,
    ) -> Result<Self, BuildError> {
        // Link order differs by build profile; nothing may depend on it.
        functions.sort_by(|a, b| a.name.cmp(&b.name).then(a.place.cmp(&b.place)));
        let mut report = report::Report::default();
        checks::declarations(&functions, states, &mut report);
        let schemas = SchemaBook::read(&functions, &mut report);
        let mut contexts = plan::contexts(&functions, &schemas, &mut report);
        checks::contexts(&functions, &contexts, &schemas, &mut report);
        let routes = Routes::read(&functions, &mut report);
        let functions = targets::plan(functions, &contexts, &schemas, &mut report);
        report.finish()?;
        shapes::assign(&mut contexts, &functions, &schemas);
        let function_index = index(functions.iter().map(|plan| &*plan.function.name));
        let context_index = index(contexts.iter().map(|context| &*context.name));
        Ok(Self { functions, contexts, schemas, routes, function_index, context_index })
    }

    /// The position of a function.
    pub(crate) fn function(&self, name: &str) -> Option<usize> {
        self.function_index.get(name).copied()
    }

    /// The position of a context.
    pub(crate) fn context(&self, name: &str) -> Option<usize> {
        self.context_index.get(name).copied()
    }
}

fn index<'a>(names: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    names.enumerate().map(|(position, name)| (name.to_owned(), position)).collect()
}

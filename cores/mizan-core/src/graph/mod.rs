//! The graph: which functions read a context, which change it, and by which arguments.
//!
//! [`Graph::resolve`] consumes descriptors and gives a graph in which every name is resolved to a
//! position; every mistake is added to the list of the build. Nothing later checks again.

mod checks;
#[cfg(all(feature = "check-results", debug_assertions))]
mod closed;
mod ids;
mod names;
mod narrowing;
mod plan;
mod ranges;
mod report;
#[cfg(all(feature = "check-results", debug_assertions))]
mod results;
mod routes;
mod schemas;
mod scope;
mod targets;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::error::BuildProblems;
use crate::function::Function;
use crate::state::StateNeed;
use crate::visibility::Visibility;

pub(crate) use ids::{ContextId, FunctionId};
pub(crate) use plan::{ContextNode, ContextParam, Effect, FunctionNode, MergeNode};
pub(crate) use routes::{Found, Routes, methods};
pub(crate) use schemas::SchemaBook;

/// Everything that is known before the first request.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Sorted by wire name.
    pub(crate) functions: Vec<FunctionNode>,
    /// Sorted by wire name.
    pub(crate) contexts: Vec<ContextNode>,
    pub(crate) schemas: SchemaBook,
    pub(crate) routes: Routes,
    // No request adds a name, so none can make others collide.
    function_ids: HashMap<String, FunctionId, RandomState>,
    context_ids: HashMap<String, ContextId, RandomState>,
}

impl Graph {
    /// Resolves descriptors. `states` are the types that the builder was given; `None` where nothing
    /// is going to run, and so none are needed.
    pub(crate) fn resolve(
        mut functions: Vec<Function>,
        states: Option<&[StateNeed]>,
        report: &mut BuildProblems,
    ) -> Self {
        // Link order differs by build profile; nothing may depend on it.
        functions.sort_by(|a, b| a.name.cmp(&b.name).then(a.location.cmp(&b.location)));
        checks::declarations(&functions, states, report);
        let schemas = SchemaBook::read(&functions);
        let mut contexts = plan::contexts(&functions, &schemas, report);
        checks::contexts(&functions, &contexts, &schemas, report);
        ranges::ranges(&functions, &contexts, &schemas, report);
        let routes = Routes::read(&functions, report);
        let functions = targets::plan(functions, &contexts, &schemas, report);
        #[cfg(all(feature = "check-results", debug_assertions))]
        let functions = with_results(functions, &schemas);
        narrowing::assign_shapes(&mut contexts, &functions, &schemas);
        let names = functions.iter().enumerate();
        let function_ids =
            names.map(|(at, node)| (node.function.name.to_string(), FunctionId(at))).collect();
        let names = contexts.iter().enumerate();
        let context_ids = names.map(|(at, node)| (node.name.to_string(), ContextId(at))).collect();
        Self { functions, contexts, schemas, routes, function_ids, context_ids }
    }

    /// A function by its wire name.
    pub(crate) fn function(&self, name: &str) -> Option<FunctionId> {
        self.function_ids.get(name).copied()
    }

    /// A context by its wire name.
    pub(crate) fn context(&self, name: &str) -> Option<ContextId> {
        self.context_ids.get(name).copied()
    }

    /// Whether a batch may hold entries of a context: no member and no guard of one sees the whole request, which
    /// would be that of the batch.
    pub(crate) fn is_batched(&self, context: ContextId) -> bool {
        self.members(context).all(|node| node.function.widest_visibility() < Visibility::Raw)
    }

    /// Whether a member of a context takes [`Each`](crate::Each).
    pub(crate) fn takes_each(&self, context: ContextId) -> bool {
        self.members(context).any(|node| node.function.takes_each)
    }

    /// The members of a context's bundle, in the order of their names.
    pub(crate) fn members(
        &self,
        context: ContextId,
    ) -> impl Iterator<Item = &FunctionNode> + Clone {
        self[context].members.iter().map(|id| &self[*id])
    }
}

/// Gives each function what its results are compared with.
#[cfg(all(feature = "check-results", debug_assertions))]
fn with_results(mut functions: Vec<FunctionNode>, schemas: &SchemaBook) -> Vec<FunctionNode> {
    let defs = std::sync::Arc::new(schemas.defs.clone());
    for (node, schema) in functions.iter_mut().zip(&schemas.results) {
        node.result = schema.as_ref().map(|schema| results::ResultSchema::new(schema, &defs));
    }
    functions
}

//! Positions in a graph, distinguished by their types.

use std::ops::Index;

use super::{ContextNode, FunctionNode, Graph};

/// The position of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FunctionId(pub(super) usize);

/// The position of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContextId(pub(super) usize);

impl FunctionId {
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

impl ContextId {
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

impl Index<FunctionId> for Graph {
    type Output = FunctionNode;

    fn index(&self, id: FunctionId) -> &FunctionNode {
        &self.functions[id.0]
    }
}

impl Index<ContextId> for Graph {
    type Output = ContextNode;

    fn index(&self, id: ContextId) -> &ContextNode {
        &self.contexts[id.0]
    }
}

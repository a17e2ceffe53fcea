//! What a builder refuses or warns of, beyond the graph itself.

use crate::error::{BuildError, BuildProblem, BuildProblems};
use crate::function::{FUNCTIONS, Function};
use crate::graph::{ContextNode, FunctionNode, Graph, methods};

/// Refuses page routes of contexts that no one reads.
pub(crate) fn known_contexts(
    graph: &Graph,
    page_routes: &[(String, String)],
    problems: &mut BuildProblems,
) {
    for (context, route) in page_routes {
        if graph.context(context).is_none() {
            problems.add(BuildProblem::new(
                format!("page route `{route}` shows context `{context}`, which has no member"),
                "name a context by its wire name",
            ));
        }
    }
}

/// Descriptors that were linked into this binary.
pub(crate) fn linked() -> Vec<Function> {
    FUNCTIONS.iter().map(|function| function()).collect()
}

pub(crate) fn nothing_linked() -> BuildProblem {
    BuildProblem::new(
        "no function is registered",
        "the linker drops a crate that the binary never names: add `use the_crate as _;` for the crate that \
         declares them, or register them by `.functions(mizan_core::functions![the_crate::function])`; \
         `.allow_empty()` says that none is meant",
    )
}

pub(crate) fn checked_mount(mount: &str) -> Result<String, BuildError> {
    let path = mount.trim_end_matches('/');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if (path.is_empty() || path.starts_with('/')) && path.bytes().all(legal) && !path.contains("//")
    {
        Ok(path.to_owned())
    } else {
        Err(BuildError::single(
            format!("`{mount}` is not a mount point"),
            "write a path like `/api/mizan`, of letters, digits and `-._~/`",
        ))
    }
}

/// Refuses routes where the protocol itself answers.
pub(crate) fn below_mount(graph: &Graph, mount: &str, problems: &mut BuildProblems) {
    let is_below = |pattern: &str| {
        let rest = pattern.strip_prefix(mount).filter(|_| !mount.is_empty());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for resource in graph.routes.resources() {
        let route = &*resource.pattern;
        if is_below(route) {
            problems.add(BuildProblem::new(
                format!("route `{route}` is below the mount point `{mount}`"),
                "give it another path, or mount the protocol elsewhere by `.mount(…)`",
            ));
        }
    }
}

/// One text for each function that a link can run and that changes something.
pub(crate) fn changed_by_get(graph: &Graph) -> Vec<String> {
    let by_get = |node: &&FunctionNode| {
        let function = &node.function;
        function.route.is_some() && !node.touched.is_empty() && methods(function).contains(&"GET")
    };
    let changing = graph.functions.iter().filter(by_get);
    let warn = |node: &FunctionNode| {
        format!(
            "`{}` at {} changes something by GET: following a link runs it, without a CSRF token",
            node.function.name, node.function.location
        )
    };
    changing.map(warn).collect()
}

/// One text for each context whose mutations are too many to be distinguished.
pub(crate) fn merged_shapes(graph: &Graph) -> Vec<String> {
    let merged = graph.contexts.iter().filter(|context| context.shapes.merged);
    let warn = |context: &ContextNode| {
        format!(
            "mutations narrow context `{}` by more than 5 sets of parameters: the rarest make more entries stale \
             than they name",
            context.name
        )
    };
    merged.map(warn).collect()
}

/// A text where keys of calls are known to this process alone, though other processes serve the same callers.
pub(crate) fn alone_in_process(graph: &Graph, is_alone: bool) -> Option<String> {
    let is_idempotent = |node: &&FunctionNode| is_alone && node.function.idempotent;
    let node = graph.functions.iter().find(is_idempotent)?;
    Some(format!(
        "`{}` at {} is idempotent, and each process knows its own keys alone, though the cache is shared: \
         set `MIZAN_REPLAY_REDIS_URL`, or call `.replay_store(…)`",
        node.function.name, node.function.location
    ))
}

/// One text for each function that asks for something that this build does not have.
pub(crate) fn not_in_this_build(graph: &Graph, has_pages: bool) -> Vec<String> {
    let missing = |node: &FunctionNode| {
        let function = &node.function;
        let options = [
            ("`websocket`, so a call of it is a 501", function.websocket),
            (
                "`pages`, and there is no `.pages(…)` that renders them",
                function.pages.is_some() && !has_pages,
            ),
        ];
        let names: Vec<&str> =
            options.iter().filter(|(_, asked)| *asked).map(|(name, _)| *name).collect();
        let names = (!names.is_empty()).then(|| names.join("; and "))?;
        Some(format!(
            "`{}` at {} asks for what is not in this build: {names}",
            function.name, function.location
        ))
    };
    graph.functions.iter().filter_map(missing).collect()
}

//! The graph as an edge manifest, private functions included.

use mizan_schema::{
    BatchRule, MANIFEST_VERSION, Manifest, ManifestBatch, ManifestCache, ManifestContext,
    ManifestFunction, ManifestMutation, PathKind, RenderStrategy,
};

use crate::function::{CacheRule, Function};
use crate::graph::{ContextNode, FunctionNode, Graph, methods};
use crate::visibility::Visibility;

/// Parameters whose name shows that an entry belongs to a user.
const USER_PARAMS: [&str; 4] = ["user_id", "user", "owner_id", "account_id"];

pub(crate) fn manifest(graph: &Graph, mount: &str, page_routes: &[(String, String)]) -> Manifest {
    let contexts = graph.contexts.iter();
    let mutates = |node: &&FunctionNode| !node.effects.is_empty() || !node.merges.is_empty();
    let mutations = graph.functions.iter().filter(mutates);
    Manifest {
        version: MANIFEST_VERSION,
        batch: ManifestBatch {
            endpoint: format!("{mount}/ctx/"),
            get: BatchRule::Split,
            post: BatchRule::Origin,
        },
        contexts: contexts
            .map(|node| (node.name.to_string(), context(graph, node, mount, page_routes)))
            .collect(),
        mutations: mutations.map(|node| (node.function.name.to_string(), mutation(node))).collect(),
    }
}

fn context(
    graph: &Graph,
    node: &ContextNode,
    mount: &str,
    page_routes: &[(String, String)],
) -> ManifestContext {
    let members = node.all().into_iter().map(|id| &graph[id].function);
    let functions: Vec<ManifestFunction> = members
        .map(|function| ManifestFunction {
            name: function.name.to_string(),
            path: if function.is_view() { PathKind::View } else { PathKind::Rpc },
            route: function.route.as_ref().map(ToString::to_string),
            methods: route_methods(function),
            auth: function.auth.as_ref().map(|guard| guard.name().to_owned()),
            rev: function.rev,
            cache: match function.cache {
                CacheRule::Default => None,
                CacheRule::Never => Some(ManifestCache::Never),
                CacheRule::Seconds(seconds) => Some(ManifestCache::Seconds(seconds)),
            },
            rate: rates(function),
        })
        .collect();
    let own = functions.iter().filter_map(|function| function.route.clone());
    let given = page_routes
        .iter()
        .filter(|(context, _)| **context == *node.name)
        .map(|(_, path)| path.clone());
    let named = node.params.iter().any(|param| USER_PARAMS.contains(&&*param.name));
    let user_scoped = named || node.visibility > Visibility::Public;
    ManifestContext {
        endpoints: vec![format!("{mount}/ctx/{}/", node.name)],
        params: node.params.iter().map(|param| param.name.to_string()).collect(),
        batch: graph.context(&node.name).is_none_or(|id| graph.is_batched(id)),
        range: node.is_list(),
        shapes: node.shapes.names(),
        user_scoped,
        render_strategy: if user_scoped {
            RenderStrategy::DynamicCached
        } else {
            RenderStrategy::Psr
        },
        page_routes: own.chain(given).collect(),
        functions,
    }
}

fn mutation(node: &FunctionNode) -> ManifestMutation {
    let merged = node.merges.iter().map(|merge| &merge.effect);
    let mut params: Vec<String> =
        node.effects.iter().chain(merged).flat_map(|effect| effect.param_names()).collect();
    params.sort();
    params.dedup();
    let mut affects: Vec<String> = Vec::new();
    for effect in &node.effects {
        if !affects.iter().any(|known| **known == *effect.context) {
            affects.push(effect.context.to_string());
        }
    }
    ManifestMutation {
        affects,
        merges: node.merges.iter().map(|merge| merge.effect.context.to_string()).collect(),
        auto_scoped_params: params,
        private: node.function.private,
        route: node.function.route.as_ref().map(ToString::to_string),
        methods: route_methods(&node.function),
        at_once: node.function.at_once,
        rate: rates(&node.function),
    }
}

fn rates(function: &Function) -> Vec<String> {
    function.rules().map(|rule| rule.text.clone()).collect()
}

fn route_methods(function: &Function) -> Vec<String> {
    match function.route {
        Some(_) => methods(function).into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    }
}

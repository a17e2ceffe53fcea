//! The graph as an edge manifest, private functions included.

use mizan_schema::{
    MANIFEST_VERSION, Manifest, ManifestContext, ManifestFunction, ManifestMutation, PathKind,
    RenderStrategy,
};

use crate::graph::{ContextNode, FunctionNode, Graph, methods};
use crate::request::Visibility;

/// Parameters whose name alone says that an entry belongs to a user.
const USER_PARAMS: [&str; 4] = ["user_id", "user", "owner_id", "account_id"];

pub(super) fn manifest(graph: &Graph, mount: &str, page_routes: &[(String, String)]) -> Manifest {
    let contexts = graph.contexts.iter();
    let mutates = |plan: &&FunctionNode| !plan.effects.is_empty() || !plan.merges.is_empty();
    let mutations = graph.functions.iter().filter(mutates);
    Manifest {
        version: MANIFEST_VERSION,
        contexts: contexts
            .map(|plan| (plan.name.to_string(), context(graph, plan, mount, page_routes)))
            .collect(),
        mutations: mutations.map(|plan| (plan.function.name.to_string(), mutation(plan))).collect(),
    }
}

fn context(
    graph: &Graph,
    plan: &ContextNode,
    mount: &str,
    page_routes: &[(String, String)],
) -> ManifestContext {
    let members = plan.all().into_iter().map(|at| &graph.functions[at].function);
    let functions: Vec<ManifestFunction> = members
        .map(|function| ManifestFunction {
            name: function.name.to_string(),
            path: if function.is_view() { PathKind::View } else { PathKind::Rpc },
            route: function.route.as_ref().map(ToString::to_string),
            methods: route_methods(function),
            auth: function.auth.as_ref().map(|guard| guard.name().to_owned()),
        })
        .collect();
    let own = functions.iter().filter_map(|function| function.route.clone());
    let given = page_routes
        .iter()
        .filter(|(context, _)| **context == *plan.name)
        .map(|(_, path)| path.clone());
    let named = plan.params.iter().any(|param| USER_PARAMS.contains(&&*param.name));
    let user_scoped = named || plan.scope > Visibility::Public;
    ManifestContext {
        endpoints: vec![format!("{mount}/ctx/{}/", plan.name)],
        params: plan.params.iter().map(|param| param.name.to_string()).collect(),
        shapes: plan.shapes.names(),
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

fn mutation(plan: &FunctionNode) -> ManifestMutation {
    let merged = plan.merges.iter().map(|merge| &merge.effect);
    let mut params: Vec<String> =
        plan.effects.iter().chain(merged).flat_map(|effect| effect.param_names()).collect();
    params.sort();
    params.dedup();
    let mut affects: Vec<String> = Vec::new();
    for effect in &plan.effects {
        if !affects.iter().any(|known| **known == *effect.context) {
            affects.push(effect.context.to_string());
        }
    }
    ManifestMutation {
        affects,
        merges: plan.merges.iter().map(|merge| merge.effect.context.to_string()).collect(),
        auto_scoped_params: params,
        private: plan.function.private,
        route: plan.function.route.as_ref().map(ToString::to_string),
        methods: route_methods(&plan.function),
    }
}

fn route_methods(function: &crate::Function) -> Vec<String> {
    match function.route {
        Some(_) => methods(function).into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    }
}

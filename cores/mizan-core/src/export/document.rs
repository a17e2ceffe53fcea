//! The graph as a schema document: what a client may call, and nothing private.

use std::collections::BTreeMap;

use mizan_schema::{Affected, Context, Document, Function, Kind, Param, VERSION};

use crate::graph::{ContextNode, ContextParam, FunctionId, FunctionNode, Graph};

pub(crate) fn document(graph: &Graph) -> Document {
    let public = |(_, node): &(usize, &FunctionNode)| !node.function.private;
    let functions = graph.functions.iter().enumerate().filter(public);
    let functions: BTreeMap<String, Function> = functions
        .map(|(at, node)| (node.function.name.to_string(), function(graph, at, node)))
        .collect();
    let contexts = graph.contexts.iter().map(|node| (node.name.to_string(), context(graph, node)));
    let mut document = Document {
        mizan: VERSION,
        functions,
        contexts: contexts.collect(),
        channels: BTreeMap::new(),
        defs: graph.schemas.defs.clone(),
    };
    document.defs.retain({
        let used = graph.schemas.used_by(&document);
        move |name, _| used.contains(name)
    });
    document
}

fn function(graph: &Graph, at: usize, node: &FunctionNode) -> Function {
    let function = &node.function;
    let params =
        function.arguments.iter().zip(&graph.schemas.params[at]).map(|(param, schema)| Param {
            name: param.name.to_string(),
            schema: schema.clone(),
            required: param.required,
            default: param.default.clone(),
            range: param.range,
        });
    Function {
        kind: if function.context.is_some() { Kind::Read } else { Kind::Call },
        context: function.context.as_ref().map(|context| context.name.to_string()),
        affects: node
            .effects
            .iter()
            .map(|effect| Affected {
                context: effect.context.to_string(),
                function: effect.function.as_ref().map(ToString::to_string),
                params: effect.param_names(),
            })
            .collect(),
        merge: node.merges.iter().map(|merge| merge.effect.context.to_string()).collect(),
        doc: function.doc.as_ref().map(ToString::to_string),
        params: params.collect(),
        result: graph.schemas.results[at].clone(),
        view: function.is_view(),
        form: None,
        idempotent: function.idempotent,
        websocket: function.websocket,
    }
}

fn context(graph: &Graph, node: &ContextNode) -> Context {
    let param = |param: &ContextParam| Param {
        name: param.name.to_string(),
        schema: param.schema.clone(),
        required: param.required,
        default: param.default.clone(),
        range: param.range,
    };
    let name = |id: &FunctionId| graph[*id].function.name.to_string();
    Context {
        params: node.params.iter().map(param).collect(),
        functions: node.members.iter().map(name).collect(),
        batch: graph.context(&node.name).is_none_or(|id| graph.is_batched(id)),
        doc: (!node.doc.is_empty()).then(|| node.doc.to_owned()),
    }
}

//! The graph as a schema document: what a client may call, and nothing private.

use std::collections::BTreeMap;

use mizan_schema::{Affected, Context, Document, Function, Kind, Param, VERSION};

use crate::graph::{ContextNode, ContextParam, FunctionNode, Graph};

pub(super) fn document(graph: &Graph) -> Document {
    let public = |(_, plan): &(usize, &FunctionNode)| !plan.function.private;
    let functions = graph.functions.iter().enumerate().filter(public);
    let functions: BTreeMap<String, Function> = functions
        .map(|(at, plan)| (plan.function.name.to_string(), function(graph, at, plan)))
        .collect();
    let contexts = graph.contexts.iter().map(|plan| (plan.name.to_string(), context(graph, plan)));
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

fn function(graph: &Graph, at: usize, plan: &FunctionNode) -> Function {
    let function = &plan.function;
    let params =
        function.params.iter().zip(&graph.schemas.params[at]).map(|(param, schema)| Param {
            name: param.name.to_string(),
            schema: schema.clone(),
            required: param.required,
            default: param.default.clone(),
        });
    Function {
        kind: if function.context.is_some() { Kind::Read } else { Kind::Call },
        context: function.context.as_ref().map(|context| context.name.to_string()),
        affects: plan
            .effects
            .iter()
            .map(|effect| Affected {
                context: effect.context.to_string(),
                function: effect.function.as_ref().map(ToString::to_string),
                params: effect.param_names(),
            })
            .collect(),
        merge: plan.merges.iter().map(|merge| merge.effect.context.to_string()).collect(),
        doc: function.doc.as_ref().map(ToString::to_string),
        params: params.collect(),
        result: graph.schemas.results[at].clone(),
        view: function.is_view(),
        form: None,
        websocket: function.websocket,
    }
}

fn context(graph: &Graph, plan: &ContextNode) -> Context {
    let param = |param: &ContextParam| Param {
        name: param.name.to_string(),
        schema: param.schema.clone(),
        required: param.required,
        default: param.default.clone(),
    };
    let name = |at: &usize| graph.functions[*at].function.name.to_string();
    Context {
        params: plan.params.iter().map(param).collect(),
        functions: plan.members.iter().map(name).collect(),
        doc: (!plan.doc.is_empty()).then(|| plan.doc.to_owned()),
    }
}

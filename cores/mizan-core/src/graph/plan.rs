//! What the graph holds: functions and contexts with every reference resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use mizan_cache::Shapes;
use mizan_schema::MergeMode;
use serde_json::Value;

use super::ids::FunctionId;
use super::report::Report;
use super::schemas::{SchemaBook, without_null};
use crate::args::{Form, inlined};
use crate::error::BuildProblems;
use crate::function::{Function, SchemaOf};
use crate::state::{AnyState, States};
use crate::visibility::Visibility;

/// One function, ready to be called.
#[derive(Debug)]
pub(crate) struct FunctionNode {
    pub(crate) function: Function,
    pub(crate) effects: Vec<Effect>,
    pub(crate) merges: Vec<MergeNode>,
    /// The effects, then those of merges into further contexts.
    pub(crate) touched: Vec<Effect>,
    /// The states it asks for, in the order of its list; none where nothing is going to run.
    pub(crate) states: States,
    /// The state that verifies a signature, where one must be good.
    pub(crate) webhook: Option<AnyState>,
    /// What its results are compared with.
    #[cfg(all(feature = "check-results", debug_assertions))]
    pub(crate) result: Option<super::results::ResultSchema>,
}

/// One target of a mutation and the arguments that narrow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) context: Arc<str>,
    /// The member, where only one is affected.
    pub(crate) function: Option<Arc<str>>,
    /// Position of the argument and name of the parameter that it pins, sorted by name.
    pub(crate) scope: Vec<(usize, Arc<str>)>,
}

/// One slot that a mutation's result goes into.
#[derive(Debug, Clone)]
pub(crate) struct MergeNode {
    pub(crate) effect: Effect,
    pub(crate) slot: Arc<str>,
    pub(crate) mode: MergeMode,
    pub(crate) key: Option<String>,
}

/// One context.
#[derive(Debug)]
pub(crate) struct ContextNode {
    pub(crate) name: Arc<str>,
    pub(crate) doc: &'static str,
    /// The union of the members' arguments, sorted by name: the parameters of the context.
    pub(crate) params: Vec<ContextParam>,
    /// Positions of the members that the bundle holds, sorted by name.
    pub(crate) members: Vec<FunctionId>,
    /// Positions of the members that answer with pages.
    pub(crate) views: Vec<FunctionId>,
    /// How far the widest member looks.
    pub(crate) visibility: Visibility,
    /// By which parameters mutations narrow what they touch here.
    pub(crate) shapes: Shapes,
}

/// One parameter of a context.
#[derive(Debug, Clone)]
pub(crate) struct ContextParam {
    pub(crate) name: Arc<str>,
    pub(crate) schema: Value,
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
    /// How its values are written as text.
    pub(crate) form: Form,
    /// Whether it says which part of a list is read: it names an entry and no change.
    pub(crate) range: bool,
}

impl ContextNode {
    /// Positions of all members, sorted by name.
    pub(crate) fn all(&self) -> Vec<FunctionId> {
        let mut all = [&self.members[..], &self.views[..]].concat();
        all.sort_unstable();
        all
    }

    /// Whether it is read as a list that grows.
    pub(crate) fn is_list(&self) -> bool {
        self.params.iter().any(|param| param.range)
    }

    /// The parameter that a change may name. The part of a list that an entry holds is not one.
    pub(crate) fn scope_param(&self, name: &str) -> Option<&ContextParam> {
        self.param(name).filter(|param| !param.range)
    }

    pub(crate) fn param(&self, name: &str) -> Option<&ContextParam> {
        self.params.iter().find(|param| &*param.name == name)
    }
}

/// Groups reads by context and unites their parameters.
pub(super) fn contexts(
    functions: &[Function],
    schemas: &SchemaBook,
    report: &mut BuildProblems,
) -> Vec<ContextNode> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, function) in functions.iter().enumerate() {
        if let Some(context) = &function.context {
            groups.entry(&context.name).or_default().push(position);
        }
    }
    groups
        .into_iter()
        .map(|(name, all)| {
            let ids = all.iter().map(|position| FunctionId(*position));
            let (views, members) = ids.partition(|id| functions[id.index()].is_view());
            ContextNode {
                name: name.into(),
                // A member that names the context by text does not bring the doc of its type.
                doc: all
                    .iter()
                    .filter_map(|at| functions[*at].context.as_ref().map(|context| context.doc))
                    .find(|doc| !doc.is_empty())
                    .unwrap_or(""),
                params: unite(name, &all, functions, schemas, report),
                members,
                views,
                visibility: all
                    .iter()
                    .map(|position| functions[*position].widest_visibility())
                    .max()
                    .unwrap_or(Visibility::Public),
                shapes: Shapes::default(),
            }
        })
        .collect()
}

fn unite(
    context: &str,
    members: &[usize],
    functions: &[Function],
    schemas: &SchemaBook,
    report: &mut BuildProblems,
) -> Vec<ContextParam> {
    let mut params: BTreeMap<&str, (usize, ContextParam)> = BTreeMap::new();
    for &member in members {
        let function = &functions[member];
        for (param, schema) in function.arguments.iter().zip(&schemas.params[member]) {
            let Some((first, known)) = params.get_mut(&*param.name) else {
                let known = ContextParam {
                    name: (&*param.name).into(),
                    schema: schema.clone(),
                    required: param.required,
                    default: param.default.clone(),
                    form: form(schema, &param.schema, schemas),
                    range: param.range,
                };
                params.insert(&param.name, (member, known));
                continue;
            };
            let parties = [&functions[*first], function];
            if without_null(&known.schema) != without_null(schema) {
                report.report(
                    format!("parameter `{}` of context `{context}` has two types", param.name),
                    &parties,
                    "give it one type in every member, or another name where it means another thing",
                );
            }
            if let (Some(left), Some(right)) = (&known.default, &param.default)
                && left != right
            {
                report.report(
                    format!("parameter `{}` of context `{context}` has two defaults", param.name),
                    &parties,
                    "give it one default: an entry of the context has one value for each parameter",
                );
            }
            if param.required && !known.required {
                known.schema.clone_from(schema);
            }
            known.required |= param.required;
            known.default = known.default.take().or_else(|| param.default.clone());
        }
    }
    let settle = |(_, mut param): (usize, ContextParam)| {
        if param.required {
            param.default = None;
        }
        param
    };
    params.into_values().map(settle).collect()
}

fn form(schema: &Value, written: &SchemaOf, schemas: &SchemaBook) -> Form {
    Form::of(
        schema,
        |schema| schemas.resolve(schema),
        || inlined(|generator| written(generator), false),
    )
}

//! From a checked document to a plan.

use std::collections::BTreeSet;

use mizan_schema::{Context, Document, Function, Param};
use serde_json::Value;

use super::decode::Decode;
use super::decoders::Decoders;
use super::list::list;
use super::naming::{self, CallNames, ContextNames, Naming, ReadNames, file_name, is_call};
use super::{CallPlan, ContextPlan, DecoderPlan, MemberPlan, Plan, TypePlan, all_optional};
use crate::problem::Problem;
use crate::schema::{Field, Note, Object, Resolver, Root, Type, cut_cycles, variant_notes};
use crate::{Options, Target};

/// A plan and what to say about it.
#[derive(Debug)]
pub(crate) struct Built<'a> {
    pub(crate) plan: Plan<'a>,
    pub(crate) warnings: Vec<String>,
    pub(crate) wide: Vec<String>,
}

/// Plans the output for a document whose names are known to be good.
pub(crate) fn build<'a>(
    document: &'a Document,
    options: &Options,
) -> Result<Built<'a>, Vec<Problem>> {
    let mut naming = Naming::default();
    let context_names: Vec<_> = document.contexts.keys().map(|wire| naming.context(wire)).collect();
    let functions = FunctionNames::new(document, &mut naming);
    let idents = naming.types(document);

    let mut resolver =
        Resolver::new(document.defs.iter().map(|(name, schema)| (name.as_str(), schema)));
    let mut types: Vec<_> = document
        .defs
        .iter()
        .map(|(name, schema)| resolver.resolve(Root::Definition(name), schema))
        .collect();
    for index in cut_cycles(&mut types) {
        if let Some(name) = document.defs.keys().nth(index) {
            resolver
                .warnings
                .push(format!("type {name:?} is defined as itself; that part is `unknown`"));
        }
    }

    let decoders = Decoders::new(&types);
    let contexts: Vec<_> = document
        .contexts
        .iter()
        .zip(context_names)
        .map(|((wire, context), names)| {
            let known = (&functions, &decoders, &types[..]);
            plan_context(document, (wire, context), names, known, &mut resolver)
        })
        .collect();
    let calls: Vec<_> = functions
        .calls
        .into_iter()
        .map(|(wire, function, names)| plan_call(wire, function, names, &mut resolver, &decoders))
        .collect();
    let decoders: Vec<_> = document
        .defs
        .keys()
        .enumerate()
        .filter_map(|(of, name)| {
            let decode = decoders.decoder(of)?;
            Some(DecoderPlan { ident: naming.decoder(name, idents.get(of)?), of, decode })
        })
        .collect();

    let mut problems = resolver.problems;
    if let Some(error) = &options.error
        && let Some(owner) = naming.scope.owner(error)
    {
        problems.push(Problem::new(
            "",
            format!("the error class `{error}` has a name that belongs to {owner}"),
            "choose another name for `error` in the `[output]` table",
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }

    let mut warnings = naming.warnings;
    warnings.append(&mut resolver.warnings);
    warnings.extend(functions.left_out);
    let targets: BTreeSet<Target> = options.targets.iter().copied().collect();
    let global = contexts
        .iter()
        .position(|context| context.wire == "global" && all_optional(&context.params));
    let types = document.defs.values().zip(idents).zip(types).map(|((schema, ident), ty)| {
        let note = Note { default: None, ..Note::of(schema) };
        TypePlan { ident, ty, note, variants: variant_notes(schema) }
    });
    let steps = contexts.iter().filter_map(|context| context.decode.as_ref());
    let steps = steps.chain(calls.iter().filter_map(|call| call.decode.as_ref()));
    let tests = steps.chain(decoders.iter().map(|decoder| &decoder.decode)).any(Decode::tests);
    let plan = Plan {
        tests,
        config: naming::config_name(&options.config).to_owned(),
        types: types.collect(),
        contexts,
        calls,
        decoders,
        targets: targets.into_iter().collect(),
        global,
        error: options.error.clone(),
    };
    Ok(Built { plan, warnings, wide: resolver.wide })
}

/// Names of all functions, given in sorted order over reads and calls alike.
struct FunctionNames<'a> {
    reads: std::collections::HashMap<&'a str, ReadNames>,
    calls: Vec<(&'a str, &'a Function, CallNames)>,
    left_out: Vec<String>,
}

impl<'a> FunctionNames<'a> {
    fn new(document: &'a Document, naming: &mut Naming<'a>) -> Self {
        let mut names = Self { reads: Default::default(), calls: Vec::new(), left_out: Vec::new() };
        for (wire, function) in &document.functions {
            if is_call(function) {
                names.calls.push((wire, function, naming.call(wire)));
            } else if function.websocket {
                names.left_out.push(format!(
                    "function `{wire}` responds over the WebSocket, which this build does not write"
                ));
            } else if !function.view {
                names.reads.insert(wire, naming.member(wire));
            }
        }
        names
    }
}

fn plan_context<'a>(
    document: &'a Document,
    (wire, context): (&'a str, &'a Context),
    names: ContextNames,
    (functions, decoders, types): (&FunctionNames<'a>, &Decoders<'_, 'a>, &[Type<'a>]),
    resolver: &mut Resolver<'a>,
) -> ContextPlan<'a> {
    let root = |index, param: &'a Param| Root::ContextParam(wire, index, &param.name);
    let mut params = plan_params(&context.params, root, resolver);
    params.sort_by_key(|param| param.name);
    let mut members: Vec<_> = context
        .functions
        .iter()
        .filter_map(|member| {
            let function = document.functions.get(member)?;
            let read = functions.reads.get(member.as_str())?.clone();
            let note = Note::text(function.doc.as_deref());
            let ty = plan_result(member, function, resolver);
            Some(MemberPlan { field: Field { name: member, ty, required: true, note }, read })
        })
        .collect();
    let mut sets: Vec<&str> = context
        .params
        .iter()
        .filter_map(|param| is_set(document, &param.schema, 16).then_some(&*param.name))
        .collect();
    sets.sort_unstable();
    members.sort_by_key(|member| member.field.name);
    members.dedup_by_key(|member| member.field.name);
    let list = list(context, &members, types);
    if list.is_some() {
        let is_part =
            |name: &str| context.params.iter().any(|param| param.range && param.name == *name);
        params.retain(|param| !is_part(param.name));
        sets.retain(|name| !is_part(name));
    }
    // The response may hold one member alone, so none is certain to be there.
    let fields = members.iter().map(|member| Field { required: false, ..member.field.clone() });
    let data = Type::Object(Object { fields: fields.collect(), open: false });
    ContextPlan {
        wire,
        file: file_name(wire),
        definition: names.definition,
        fetch: names.fetch,
        read: names.read,
        params_type: names.params_type,
        data_type: names.data_type,
        params,
        sets,
        batch: context.batch,
        members,
        decode: decoders.decode(&data),
        list,
        note: Note::text(context.doc.as_deref()),
    }
}

/// Whether values are lists in which neither order nor repetition means anything. Chains of references
/// are followed as far as `depth`.
fn is_set(document: &Document, schema: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let named = schema.get("$ref").and_then(Value::as_str);
    let named = named.and_then(|path| document.defs.get(path.strip_prefix("#/$defs/")?));
    let choices = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array());
    schema.get("uniqueItems") == Some(&Value::Bool(true))
        || named.into_iter().chain(choices.flatten()).any(|schema| is_set(document, schema, depth))
}

fn plan_call<'a>(
    wire: &'a str,
    function: &'a Function,
    names: CallNames,
    resolver: &mut Resolver<'a>,
    decoders: &Decoders<'_, 'a>,
) -> CallPlan<'a> {
    let root = |index, param: &'a Param| Root::Param(wire, index, &param.name);
    let args = plan_params(&function.params, root, resolver);
    let result = plan_result(wire, function, resolver);
    CallPlan {
        wire,
        definition: names.definition,
        call: names.call,
        hook: names.hook,
        args_type: names.args_type,
        args,
        result_type: (!result.is_short()).then_some(names.result_type),
        decode: decoders.decode(&result),
        may_be_never: decoders.may_be_never(&result),
        result,
        note: Note::text(function.doc.as_deref()),
        effects: effects(function),
        affects: affects(function),
        idempotent: function.idempotent,
    }
}

fn plan_params<'a>(
    params: &'a [Param],
    root: impl Fn(usize, &'a Param) -> Root<'a>,
    resolver: &mut Resolver<'a>,
) -> Vec<Field<'a>> {
    let params = params.iter().enumerate();
    params
        .map(|(index, param)| {
            let note = Note::of(&param.schema);
            Field {
                name: &param.name,
                ty: resolver.resolve(root(index, param), &param.schema),
                required: param.required,
                note: Note { default: param.default.as_ref().or(note.default), ..note },
            }
        })
        .collect()
}

fn plan_result<'a>(wire: &'a str, function: &'a Function, resolver: &mut Resolver<'a>) -> Type<'a> {
    // Without a schema it may be anything.
    let result = function.result.as_ref().unwrap_or(&Value::Bool(true));
    resolver.resolve(Root::Result(wire), result)
}

fn effects(function: &Function) -> Option<String> {
    let mut targets: Vec<String> = function
        .affects
        .iter()
        .map(|target| match &target.function {
            Some(member) => format!("`{}.{member}`", target.context),
            None => format!("`{}`", target.context),
        })
        .collect();
    targets.dedup();
    (!targets.is_empty()).then(|| format!("Invalidates {}.", targets.join(", ")))
}

/// What a call may have changed where its response is lost. A context stands for its members, and what is merged
/// is stale too.
fn affects(function: &Function) -> Vec<String> {
    let whole = function.affects.iter().filter(|target| target.function.is_none());
    let whole: Vec<&String> = whole.map(|target| &target.context).chain(&function.merge).collect();
    let mut texts: Vec<String> = Vec::new();
    let targets = function.affects.iter().map(|target| match &target.function {
        Some(member) if !whole.contains(&&target.context) => {
            format!("{}.{member}", target.context)
        }
        _ => target.context.clone(),
    });
    for text in targets.chain(function.merge.iter().cloned()) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

//! What is generated for one framework: a provider, and a function for every context, member and call.
//! Its shape is the same in each; a [`Framework`] has the words.
//! The comment of a function links to the definition, which has the documentation.

use super::imports::{self, Used};
use super::layout::{Piece, list, text, type_list, write};
use super::{calls, put, types};
use crate::names::quote;
use crate::plan::{CallPlan, ContextPlan, MemberPlan, Plan, all_optional};

/// The words of one framework.
pub(super) struct Framework {
    /// The name of its file.
    pub(super) file: &'static str,
    /// The package that it wraps.
    pub(super) package: &'static str,
    /// What its provider imports, written before the other imports, and those of the package, sorted.
    pub(super) provider_imports: fn(global: bool) -> (&'static str, &'static [&'static str]),
    /// Writes the provider, and exports what is passed on as it is. A client may have a global context,
    /// whose definition is given: the provider keeps it mounted.
    pub(super) provider: fn(out: &mut String, global: Option<&str>),
    /// The type of parameters that are not known yet, and the name that it needs imported.
    pub(super) params: fn(params: &str) -> String,
    pub(super) params_type: Option<&'static str>,
    /// Parameters that are all left out.
    pub(super) no_params: &'static str,
    /// How the type of options is written after its name.
    pub(super) options: fn(options: &str) -> String,
}

pub(super) fn emit(out: &mut String, plan: &Plan<'_>, framework: &Framework) {
    let global = plan.global.and_then(|index| plan.contexts.get(index));
    emit_imports(out, plan, framework, global.is_some());
    out.push('\n');
    (framework.provider)(out, global.map(|context| &*context.definition));
    for context in &plan.contexts {
        emit_context(out, framework, context);
        for member in &context.members {
            emit_member(out, plan, framework, context, member);
        }
    }
    for call in &plan.calls {
        emit_call(out, plan, call);
    }
}

fn emit_imports(out: &mut String, plan: &Plan<'_>, framework: &Framework, global: bool) {
    let contexts = !plan.contexts.is_empty();
    let is_list = |context: &&ContextPlan<'_>| context.list.is_some();
    let members =
        plan.contexts.iter().any(|context| !is_list(&context) && !context.members.is_empty());
    let mut lists = plan.contexts.iter().filter_map(|context| context.list.as_ref());
    let long_items = lists.clone().any(|list| !list.item.is_short());
    let lists = lists.next().is_some();
    let calls = !plan.calls.is_empty();
    let (before, provider) = (framework.provider_imports)(global);
    let names = [
        (calls, "type CallState"),
        (long_items, "type ItemOf"),
        (lists, "type ListOptions"),
        (lists, "type ListState"),
        (contexts, framework.params_type.unwrap_or_default()),
        (contexts, "type ReadOptions"),
        (contexts, "type ReadState"),
        (calls, "useCall"),
        (contexts || global, "useContextEntry"),
        (lists, "useList"),
        (members, "useMember"),
    ];
    let names = names.into_iter().filter(|(used, name)| *used && !name.is_empty());
    let names: Vec<_> = provider.iter().copied().chain(names.map(|(_, name)| name)).collect();
    out.push_str(before);
    if !names.is_empty() {
        imports::line(out, "import ", names.into_iter().map(text), framework.package);
    }
    if calls {
        let definitions = plan.calls.iter().map(|call| text(call.definition.as_str()));
        let arguments = plan.calls.iter().map(|call| call.args_type.as_str());
        let results = plan.calls.iter().filter_map(|call| call.result_type.as_deref());
        let types = arguments.chain(results).map(|name| text(format!("type {name}")));
        imports::line(out, "import ", definitions.chain(types), "./calls.js");
    }
    for context in &plan.contexts {
        let names = [
            text(context.definition.as_str()),
            text(format!("type {}", context.data_type)),
            text(format!("type {}", context.params_type)),
        ];
        imports::line(out, "import ", names, &format!("./contexts/{}.js", context.file));
    }
    let mut used = Used::default();
    for call in plan.calls.iter().filter(|call| call.result_type.is_none()) {
        used.add(plan, &call.result);
    }
    for list in plan.contexts.iter().filter_map(|context| context.list.as_ref()) {
        if list.item.is_short() {
            used.add(plan, &list.item);
        }
    }
    let plain = plan.contexts.iter().filter(|context| !is_list(context));
    let members = plain.flat_map(|context| &context.members);
    for member in members.filter(|member| member.field.ty.is_short()) {
        used.add(plan, &member.field.ty);
    }
    used.write(out, "./types.js");
}

fn emit_context(out: &mut String, framework: &Framework, context: &ContextPlan<'_>) {
    put(out, format_args!("\n/** Reads {{@link {}}}. */\n", context.definition));
    put(out, format_args!("export function {}", context.hook));
    let arguments = [text(context.definition.as_str()), text("params"), text("options")];
    let body = ("useContextEntry", list("(", arguments, ")"));
    read(out, framework, context, text(context.data_type.as_str()), body);
}

fn emit_member(
    out: &mut String,
    plan: &Plan<'_>,
    framework: &Framework,
    context: &ContextPlan<'_>,
    member: &MemberPlan<'_>,
) {
    let (data, field) = (&context.data_type, member.field.name);
    put(out, format_args!("\n/** Reads {{@link {data}.{field}}}. */\n"));
    put(out, format_args!("export function {}", member.hook));
    if let Some(list) = &context.list {
        let item = if list.item.is_short() {
            types::inline(plan, &list.item)
        } else {
            text(format!("ItemOf<{data}>"))
        };
        return read_list(out, framework, context, item);
    }
    let name = quote(member.field.name);
    let value = if member.field.ty.is_short() {
        types::inline(plan, &member.field.ty)
    } else {
        text(format!("{}[{name}]", context.data_type))
    };
    let arguments =
        [text(context.definition.as_str()), text(name), text("params"), text("options")];
    read(out, framework, context, value, ("useMember", list("(", arguments, ")")));
}

fn read_list<'p>(
    out: &mut String,
    framework: &Framework,
    context: &'p ContextPlan<'_>,
    item: Piece<'p>,
) {
    let arguments = [text(context.definition.as_str()), text("params"), text("options")];
    let body = ("useList", list("(", arguments, ")"));
    function(out, framework, context, ("ListOptions", "ListState", item), body);
}

fn read<'p>(
    out: &mut String,
    framework: &Framework,
    context: &'p ContextPlan<'_>,
    value: Piece<'p>,
    body: (&'static str, Piece<'p>),
) {
    function(out, framework, context, ("ReadOptions", "ReadState", value), body);
}

fn function<'p>(
    out: &mut String,
    framework: &Framework,
    context: &'p ContextPlan<'_>,
    (options, state, value): (&'static str, &'static str, Piece<'p>),
    (wrapped, arguments): (&'static str, Piece<'p>),
) {
    // Left out is `{}` where that is valid; otherwise `undefined` is not known yet, and nothing is read.
    let params = if !all_optional(&context.params) {
        format!("params: {}", (framework.params)(&context.params_type))
    } else if framework.params_type.is_some() {
        let params = (framework.params)(&context.params_type);
        format!("params: {params} = {}", framework.no_params)
    } else {
        format!("params: {} = {}", context.params_type, framework.no_params)
    };
    let options = format!("options?: {}", (framework.options)(options));
    write(
        out,
        Piece::All(vec![
            list("(", [text(params), text(options)], ")"),
            text(format!(": {state}")),
            type_list([value]),
            text(" {"),
            Piece::Indent(vec![Piece::Hard, text("return "), text(wrapped), arguments, text(";")]),
            Piece::Hard,
            text("}\n"),
        ]),
    );
}

fn emit_call(out: &mut String, plan: &Plan<'_>, call: &CallPlan<'_>) {
    put(out, format_args!("\n/** Calls {{@link {}}}. */\n", call.definition));
    put(out, format_args!("export function {}(): CallState", call.hook));
    let result = calls::result(plan, call);
    write(
        out,
        Piece::All(vec![
            type_list([text(call.args_type.as_str()), result]),
            text(" {"),
            Piece::Indent(vec![
                Piece::Hard,
                text("return useCall"),
                list("(", [text(call.definition.as_str())], ")"),
                text(";"),
            ]),
            Piece::Hard,
            text("}\n"),
        ]),
    );
}

//! What is generated for one framework: a provider, and a function for every context, member and call.
//! Its shape is the same in each; a [`Framework`] has the words.
//! The comment of a function links to the definition, which has the documentation.

use super::imports::{self, Used};
use super::layout::{Piece, list, text, type_list, write};
use super::{calls, put, types};
use crate::names::quote;
use crate::plan::{CallPlan, ContextPlan, MemberPlan, Plan, ReadNames, all_optional};

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
    /// Whether its package has functions that suspend until there is data.
    pub(super) suspends: bool,
}

/// A function of the packages that reads.
struct Read {
    name: &'static str,
    /// The type of its options, where it has any.
    options: Option<&'static str>,
    /// The type of what it returns.
    state: &'static str,
    /// What its comment adds.
    waits: &'static str,
}

const ENTRY: Read = plain("useContextEntry", "ReadOptions", "ReadState");
const MEMBER: Read = plain("useMember", "ReadOptions", "ReadState");
const LIST: Read = plain("useList", "ListOptions", "ListState");
const ENTRY_SUSPENSE: Read = suspense("useContextEntrySuspense");
const MEMBER_SUSPENSE: Read = suspense("useMemberSuspense");

const fn plain(name: &'static str, options: &'static str, state: &'static str) -> Read {
    Read { name, options: Some(options), state, waits: "" }
}

const fn suspense(name: &'static str) -> Read {
    Read {
        name,
        options: None,
        state: "SuspenseState",
        waits: ", and suspends until there is data",
    }
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
    let (calls, suspends) = (!plan.calls.is_empty(), framework.suspends);
    let (before, provider) = (framework.provider_imports)(global);
    let names = [
        (calls, "type CallState"),
        (long_items, "type ItemOf"),
        (lists, "type ListOptions"),
        (lists, "type ListState"),
        (contexts, framework.params_type.unwrap_or_default()),
        (contexts, "type ReadOptions"),
        (contexts, "type ReadState"),
        (contexts && suspends, "type SuspenseState"),
        (calls, "useCall"),
        (contexts || global, "useContextEntry"),
        (contexts && suspends, "useContextEntrySuspense"),
        (lists, "useList"),
        (members, "useMember"),
        (members && suspends, "useMemberSuspense"),
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
    let (names, data) = (&context.read, text(context.data_type.as_str()));
    for (name, read) in reads(framework, names, &ENTRY, &ENTRY_SUSPENSE) {
        put(out, format_args!("\n/** Reads {{@link {}}}{}. */\n", context.definition, read.waits));
        function(out, framework, context, (name, read), None, data.clone());
    }
}

fn emit_member(
    out: &mut String,
    plan: &Plan<'_>,
    framework: &Framework,
    context: &ContextPlan<'_>,
    member: &MemberPlan<'_>,
) {
    let (data, field) = (&context.data_type, &member.field);
    let comment = |out: &mut String, waits: &str| {
        put(out, format_args!("\n/** Reads {{@link {data}.{}}}{waits}. */\n", field.name));
    };
    if let Some(list) = &context.list {
        comment(out, LIST.waits);
        let item = if list.item.is_short() {
            types::inline(plan, &list.item)
        } else {
            text(format!("ItemOf<{data}>"))
        };
        return function(out, framework, context, (&member.read.hook, &LIST), None, item);
    }
    let name = quote(field.name);
    let value = if field.ty.is_short() {
        types::inline(plan, &field.ty)
    } else {
        text(format!("{data}[{name}]"))
    };
    for (hook, read) in reads(framework, &member.read, &MEMBER, &MEMBER_SUSPENSE) {
        comment(out, read.waits);
        function(out, framework, context, (hook, read), Some(&name), value.clone());
    }
}

/// The functions that read one thing: the plain one, and the one that suspends where the framework has it.
fn reads<'p>(
    framework: &Framework,
    names: &'p ReadNames,
    plain: &'static Read,
    suspense: &'static Read,
) -> impl Iterator<Item = (&'p str, &'static Read)> {
    let suspense = framework.suspends.then_some((names.suspense.as_str(), suspense));
    std::iter::once((names.hook.as_str(), plain)).chain(suspense)
}

fn function<'p>(
    out: &mut String,
    framework: &Framework,
    context: &'p ContextPlan<'_>,
    (name, read): (&str, &Read),
    member: Option<&str>,
    value: Piece<'p>,
) {
    let params = &context.params_type;
    // What suspends cannot be without parameters.
    let params_type = match read.options {
        Some(_) => (framework.params)(params),
        None => params.clone(),
    };
    // Left out is `{}` where that is valid; otherwise `undefined` is not known yet, and nothing is read.
    let params = if !all_optional(&context.params) {
        format!("params: {params_type}")
    } else if framework.params_type.is_some() {
        format!("params: {params_type} = {}", framework.no_params)
    } else {
        format!("params: {params} = {}", framework.no_params)
    };
    let options = read.options.map(|name| format!("options?: {}", (framework.options)(name)));
    let passed_on = [Some(context.definition.as_str()), member, Some("params")];
    let passed_on = passed_on.into_iter().chain([options.is_some().then_some("options")]);
    let passed_on: Vec<_> = passed_on.flatten().map(|name| text(name.to_owned())).collect();
    put(out, format_args!("export function {name}"));
    write(
        out,
        Piece::All(vec![
            list("(", [Some(params), options].into_iter().flatten().map(text), ")"),
            text(format!(": {}", read.state)),
            type_list([value]),
            text(" {"),
            Piece::Indent(vec![
                Piece::Hard,
                text("return "),
                text(read.name),
                list("(", passed_on, ")"),
                text(";"),
            ]),
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

//! `react.tsx`: the provider and a hook for every context, member and call.
//! The comment of a hook links to the definition, which has the documentation.

use super::imports::{self, Used};
use super::layout::{Piece, list, text, type_list, write};
use super::{calls, put, types};
use crate::names::quote;
use crate::plan::{CallPlan, ContextPlan, MemberPlan, Plan, all_optional};

const PROVIDER: &str = "\
/** Provides the Mizan instance that the hooks below use. */
export function MizanContext(
  props: Parameters<typeof MizanProvider>[0],
): ReturnType<typeof MizanProvider> {
  return <MizanProvider {...props} />;
}
";

pub(super) fn emit(out: &mut String, plan: &Plan<'_>) {
    let global = plan.react.as_ref().and_then(|react| plan.contexts.get(react.global?));
    emit_imports(out, plan, global.is_some());
    out.push_str("\nexport { useMizan } from \"@mizan/react\";\n\n");
    match global {
        Some(context) => out.push_str(&provider_with(&context.definition)),
        None => out.push_str(PROVIDER),
    }
    for context in &plan.contexts {
        emit_context(out, context);
        for member in &context.members {
            emit_member(out, plan, context, member);
        }
    }
    for call in &plan.calls {
        emit_call(out, plan, call);
    }
}

/// The provider of a client with a global context, which it keeps mounted.
fn provider_with(global: &str) -> String {
    format!(
        "\
/** Provides the Mizan instance that the hooks below use, and reads the global context. */
export function MizanContext({{
  children,
  ...provider
}}: Parameters<typeof MizanProvider>[0]): ReturnType<typeof MizanProvider> {{
  return (
    <MizanProvider {{...provider}}>
      <GlobalContext />
      {{children}}
    </MizanProvider>
  );
}}

function GlobalContext(): null {{
  useContextEntry({global}, {{}});
  return null;
}}
"
    )
}

fn emit_imports(out: &mut String, plan: &Plan<'_>, global: bool) {
    let contexts = !plan.contexts.is_empty();
    let is_list = |context: &&ContextPlan<'_>| context.list.is_some();
    let members =
        plan.contexts.iter().any(|context| !is_list(&context) && !context.members.is_empty());
    let mut lists = plan.contexts.iter().filter_map(|context| context.list.as_ref());
    let long_items = lists.clone().any(|list| !list.item.is_short());
    let lists = lists.next().is_some();
    let calls = !plan.calls.is_empty();
    let names = [
        (true, "MizanProvider"),
        (calls, "type CallState"),
        (long_items, "type ItemOf"),
        (lists, "type ListOptions"),
        (lists, "type ListState"),
        (contexts, "type ReadOptions"),
        (contexts, "type ReadState"),
        (calls, "useCall"),
        (contexts || global, "useContextEntry"),
        (lists, "useList"),
        (members, "useMember"),
    ];
    let names = names.into_iter().filter(|(used, _)| *used).map(|(_, name)| text(name));
    imports::line(out, "import ", names, "@mizan/react");
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

fn emit_context(out: &mut String, context: &ContextPlan<'_>) {
    put(out, format_args!("\n/** Reads {{@link {}}}. */\n", context.definition));
    put(out, format_args!("export function {}", context.hook));
    let arguments = [text(context.definition.as_str()), text("params"), text("options")];
    let body = ("useContextEntry", list("(", arguments, ")"));
    read_hook(out, context, text(context.data_type.as_str()), body);
}

fn emit_member(
    out: &mut String,
    plan: &Plan<'_>,
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
        return list_hook(out, context, item);
    }
    let name = quote(member.field.name);
    let value = if member.field.ty.is_short() {
        types::inline(plan, &member.field.ty)
    } else {
        text(format!("{}[{name}]", context.data_type))
    };
    let arguments =
        [text(context.definition.as_str()), text(name), text("params"), text("options")];
    read_hook(out, context, value, ("useMember", list("(", arguments, ")")));
}

fn list_hook<'p>(out: &mut String, context: &'p ContextPlan<'_>, item: Piece<'p>) {
    let arguments = [text(context.definition.as_str()), text("params"), text("options")];
    let body = ("useList", list("(", arguments, ")"));
    hook(out, context, ("ListOptions", "ListState", item), body);
}

fn read_hook<'p>(
    out: &mut String,
    context: &'p ContextPlan<'_>,
    value: Piece<'p>,
    body: (&'static str, Piece<'p>),
) {
    hook(out, context, ("ReadOptions", "ReadState", value), body);
}

fn hook<'p>(
    out: &mut String,
    context: &'p ContextPlan<'_>,
    (options, state, value): (&'static str, &'static str, Piece<'p>),
    (hook, arguments): (&'static str, Piece<'p>),
) {
    // Left out is `{}` where that is valid; otherwise `undefined` is not known yet, and nothing is read.
    let params = if all_optional(&context.params) {
        format!("params: {} = {{}}", context.params_type)
    } else {
        format!("params: {} | undefined", context.params_type)
    };
    write(
        out,
        Piece::All(vec![
            list("(", [text(params), text(format!("options?: {options}"))], ")"),
            text(format!(": {state}")),
            type_list([value]),
            text(" {"),
            Piece::Indent(vec![Piece::Hard, text("return "), text(hook), arguments, text(";")]),
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

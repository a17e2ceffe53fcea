//! `contexts/<name>.ts`: parameters, data, definition and fetch function of one context.

use super::imports::{self, Used};
use super::layout::{Piece, list, text, type_list, write};
use super::{decode, docs, put, types};
use crate::names::quote;
use crate::plan::{ContextPlan, Plan, all_optional};
use crate::schema::Field;

pub(super) fn emit(out: &mut String, plan: &Plan<'_>, context: &ContextPlan<'_>) {
    let define = if context.list.is_some() { "defineList" } else { "defineContext" };
    imports::line(out, "import ", [text(define), text("type Mizan")], "@mizan/base");
    if let Some(step) = &context.decode {
        decode::import(out, plan, [step], "../decode.js");
    }
    let mut used = Used::default();
    for field in fields(context) {
        used.add(plan, &field.ty);
    }
    used.write(out, "../types.js");

    let (name, params, data) = (context.wire, &context.params_type, &context.data_type);
    put(out, format_args!("\n/** Parameters of the context `{name}`. */\n"));
    types::record(out, plan, params, &context.params);
    put(out, format_args!("\n/** What one read of the context `{name}` brings. */\n"));
    let members: Vec<_> = context.members.iter().map(|member| member.field.clone()).collect();
    types::record(out, plan, data, &members);

    out.push('\n');
    docs::write(out, &context.note, None);
    put(out, format_args!("export const {} = /* @__PURE__ */ {define}", context.definition));
    write(
        out,
        Piece::All(vec![
            type_list([text(params.as_str()), text(data.as_str())]),
            text("({"),
            Piece::Indent(properties(plan, context)),
            Piece::Hard,
            text("});\n"),
        ]),
    );

    let definition = &context.definition;
    put(
        out,
        format_args!("\n/** Reads {{@link {definition}}} once, without keeping it mounted. */\n"),
    );
    put(out, format_args!("export function {}", context.fetch));
    let default = if all_optional(&context.params) { " = {}" } else { "" };
    write(
        out,
        Piece::All(vec![
            list("(", [text("mizan: Mizan"), text(format!("params: {params}{default}"))], ")"),
            text(format!(": Promise<{data}> {{")),
            Piece::Indent(vec![
                Piece::Hard,
                text("return mizan.fetch"),
                list("(", [text(context.definition.as_str()), text("params")], ")"),
                text(";"),
            ]),
            Piece::Hard,
            text("}\n"),
        ]),
    );
}

fn properties<'p>(plan: &'p Plan<'_>, context: &'p ContextPlan<'_>) -> Vec<Piece<'p>> {
    let names = |names: Vec<&str>| list("[", names.into_iter().map(|name| text(quote(name))), "]");
    let params = context.params.iter().map(|param| param.name).collect();
    let members = context.members.iter().map(|member| member.field.name).collect();
    let mut pieces = vec![
        Piece::Hard,
        text(format!("name: {},", quote(context.wire))),
        Piece::Hard,
        text("params: "),
        names(params),
        text(","),
    ];
    if !context.sets.is_empty() {
        pieces.extend([Piece::Hard, text("sets: "), names(context.sets.clone()), text(",")]);
    }
    pieces.extend([Piece::Hard, text("functions: "), names(members), text(",")]);
    if !context.batch {
        pieces.extend([Piece::Hard, text("batch: false,")]);
    }
    if let Some(key) = context.list.as_ref().and_then(|list| list.key) {
        pieces.extend([Piece::Hard, text(format!("key: {},", quote(key)))]);
    }
    if let Some(step) = &context.decode {
        let function = decode::function(plan, step, false);
        pieces.extend([Piece::Hard, text("decode: "), function, text(",")]);
    }
    pieces
}

fn fields<'p, 'a>(context: &'p ContextPlan<'a>) -> impl Iterator<Item = &'p Field<'a>> {
    context.params.iter().chain(context.members.iter().map(|member| &member.field))
}

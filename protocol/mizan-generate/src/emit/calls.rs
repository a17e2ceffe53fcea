//! `calls.ts`: arguments, definition and call function of every call.

use super::imports::{self, Used};
use super::layout::{Piece, list, text, type_list, write};
use super::{decode, docs, put, types};
use crate::names::quote;
use crate::plan::{CallPlan, Plan, all_optional};

pub(super) fn emit(out: &mut String, plan: &Plan<'_>) {
    if plan.calls.is_empty() {
        out.push_str("export {};\n");
        return;
    }
    let is_idempotent = plan.calls.iter().any(|call| call.idempotent);
    let names = [Some("defineCall"), is_idempotent.then_some("idempotent"), Some("type Mizan")];
    imports::line(out, "import ", names.into_iter().flatten().map(text), "@mizan/base");
    let steps = plan.calls.iter().filter_map(|call| call.decode.as_ref());
    decode::import(out, plan, steps, "./decode.js");
    let mut used = Used::default();
    for call in &plan.calls {
        call.args.iter().for_each(|field| used.add(plan, &field.ty));
        used.add(plan, &call.result);
    }
    used.write(out, "./types.js");
    for call in &plan.calls {
        out.push('\n');
        emit_call(out, plan, call);
    }
}

fn emit_call(out: &mut String, plan: &Plan<'_>, call: &CallPlan<'_>) {
    put(out, format_args!("/** Arguments of `{}`. */\n", call.wire));
    types::record(out, plan, &call.args_type, &call.args);
    if let Some(alias) = &call.result_type {
        put(out, format_args!("\n/** Result of `{}`. */\n", call.wire));
        types::alias(out, plan, alias, &call.result);
    }

    out.push('\n');
    docs::write(out, &call.note, call.effects.as_deref());
    put(out, format_args!("export const {} = /* @__PURE__ */ defineCall", call.definition));
    let result = result(plan, call);
    let mut properties = vec![Piece::Line, text(format!("name: {}", quote(call.wire)))];
    if !call.affects.is_empty() {
        let names = call.affects.iter().map(|name| text(quote(name)));
        properties.extend([text(","), Piece::Line, text("affects: "), list("[", names, "]")]);
    }
    if call.idempotent {
        properties.extend([text(","), Piece::Line, text("idempotent")]);
    }
    if let Some(step) = &call.decode {
        properties.extend([text(","), Piece::Line, text("decode: ")]);
        properties.push(decode::function(plan, step, call.may_be_never));
    }
    properties.push(Piece::IfBroken(","));
    write(
        out,
        Piece::All(vec![
            type_list([text(call.args_type.as_str()), result.clone()]),
            text("("),
            Piece::Group(vec![text("{"), Piece::Indent(properties), Piece::Line, text("}")]),
            text(");\n"),
        ]),
    );

    put(out, format_args!("\n/** Calls {{@link {}}}. */\n", call.definition));
    put(out, format_args!("export function {}", call.call));
    let default = if all_optional(&call.args) { " = {}" } else { "" };
    let args = text(format!("args: {}{default}", call.args_type));
    write(
        out,
        Piece::All(vec![
            list("(", [text("mizan: Mizan"), args], ")"),
            text(": Promise"),
            type_list([result]),
            text(" {"),
            Piece::Indent(vec![
                Piece::Hard,
                text("return mizan.call"),
                list("(", [text(call.definition.as_str()), text("args")], ")"),
                text(";"),
            ]),
            Piece::Hard,
            text("}\n"),
        ]),
    );
}

/// The type of the result: its alias, or itself where it is short.
pub(super) fn result<'p>(plan: &'p Plan<'_>, call: &'p CallPlan<'_>) -> Piece<'p> {
    match &call.result_type {
        Some(alias) => text(alias.as_str()),
        None => types::inline(plan, &call.result),
    }
}

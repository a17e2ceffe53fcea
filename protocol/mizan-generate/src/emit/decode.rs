//! `decode.ts`: functions that put `bigint`s into answers, and the expressions they are made of.

use super::condition::{HELPERS, absent, add_tests, condition};
use super::imports::Used;
use super::layout::{Piece, braces, list, text, write};
use super::put;
use crate::names::{access, is_identifier, quote};
use crate::plan::{Decode, Plan, Test};

/// How a function of one element opens.
const ITEM: &str = "(item: any) =>";

/// Values of responses have no type before they are decoded, so everything here is `any`.
pub(super) fn emit(out: &mut String, plan: &Plan<'_>) {
    if plan.tests {
        out.push_str(HELPERS.trim_start());
    }
    for decoder in &plan.decoders {
        let Some(named) = plan.types.get(decoder.of) else {
            continue;
        };
        if !out.ends_with("\n\n") {
            out.push('\n');
        }
        put(out, format_args!("/** Decodes {}. */\n", named.ident));
        put(out, format_args!("export function {}(value: any): any {{", decoder.ident));
        let body = expression(plan, &decoder.decode, "value");
        let body = vec![Piece::Hard, text("return "), body, text(";")];
        write(out, Piece::All(vec![Piece::Indent(body), Piece::Hard, text("}\n")]));
    }
}

/// Imports the decoders that these steps call.
pub(super) fn import<'p, 'a: 'p>(
    out: &mut String,
    plan: &'p Plan<'a>,
    steps: impl IntoIterator<Item = &'p Decode<'a>>,
    from: &str,
) {
    let mut used = Used::default();
    for step in steps {
        add_used(plan, step, &mut used);
    }
    used.write_values(out, from);
}

/// The value of the property `decode` of a definition, cast where its result may be `never`.
pub(super) fn function<'p>(plan: &'p Plan<'_>, step: &'p Decode<'_>, never: bool) -> Piece<'p> {
    let cast = if never { " as never" } else { "" };
    match step {
        Decode::BigInt => text(format!("BigInt{cast}")),
        Decode::Named(of) => text(format!("{}{cast}", ident(plan, *of))),
        other => {
            let function = arrow("(value: any): any =>", "value", plan, other);
            if never {
                Piece::All(vec![text("("), function, text(")"), text(cast)])
            } else {
                function
            }
        }
    }
}

fn add_used<'p>(plan: &'p Plan<'_>, step: &Decode<'_>, used: &mut Used<'p>) {
    match step {
        Decode::BigInt => {}
        Decode::Named(of) => used.insert(ident(plan, *of)),
        Decode::Array(inner) | Decode::Map(inner) | Decode::Nullable(inner) => {
            add_used(plan, inner, used);
        }
        Decode::Tuple(items, rest) => {
            items.iter().flatten().for_each(|item| add_used(plan, item, used));
            rest.iter().flatten().for_each(|rest| add_used(plan, rest, used));
        }
        Decode::Object(fields) => {
            fields.iter().for_each(|(_, _, step)| add_used(plan, step, used));
        }
        Decode::Union(branches) => {
            for (test, step) in branches {
                add_tests(test, used);
                step.iter().for_each(|step| add_used(plan, step, used));
            }
        }
        Decode::Chain(steps) => steps.iter().for_each(|step| add_used(plan, step, used)),
    }
}

fn ident<'p>(plan: &'p Plan<'_>, of: usize) -> &'p str {
    let position = plan.decoders.binary_search_by_key(&of, |decoder| decoder.of);
    position.ok().and_then(|at| plan.decoders.get(at)).map_or("", |found| found.ident.as_str())
}

/// A function of `name` that opens with `start`.
fn arrow<'p>(
    start: &'static str,
    name: &str,
    plan: &'p Plan<'_>,
    step: &'p Decode<'_>,
) -> Piece<'p> {
    let start = text(start);
    let body = expression(plan, step, name);
    match step {
        Decode::Object(_) => Piece::All(vec![start, text(" ("), body, text(")")]),
        Decode::Tuple(..) => Piece::All(vec![start, text(" "), body]),
        Decode::Nullable(_) | Decode::Union(_) => {
            let body = vec![Piece::Line, text("("), body, text(")")];
            Piece::Group(vec![start, Piece::Indent(body)])
        }
        _ => Piece::Group(vec![start, Piece::Indent(vec![Piece::Line, body])]),
    }
}

/// What a step makes of the value that the expression `of` reads.
fn expression<'p>(plan: &'p Plan<'_>, step: &'p Decode<'_>, of: &str) -> Piece<'p> {
    match step {
        Decode::BigInt => text(format!("BigInt({of})")),
        Decode::Named(definition) => text(format!("{}({of})", ident(plan, *definition))),
        Decode::Array(inner) => Piece::All(vec![
            text(format!("{of}.map")),
            list("(", [arrow(ITEM, "item", plan, inner)], ")"),
        ]),
        Decode::Map(inner) => {
            let entry = list("[", [text("key"), expression(plan, inner, "item")], "]");
            let map = Piece::All(vec![text("([key, item]: [string, any]) => "), entry]);
            let entries =
                Piece::All(vec![text(format!("Object.entries({of}).map")), list("(", [map], ")")]);
            Piece::All(vec![text("Object.fromEntries"), list("(", [entries], ")")])
        }
        Decode::Tuple(items, rest) => tuple(plan, items, rest.as_ref(), of),
        Decode::Object(fields) => object(plan, fields, of),
        Decode::Nullable(inner) => {
            choice(text(format!("{of} === null")), text("null"), expression(plan, inner, of))
        }
        Decode::Union(branches) => union(plan, branches, of),
        Decode::Chain(steps) => {
            let mut result = text(of.to_owned());
            for step in steps {
                result = match step {
                    Decode::Named(of) => {
                        Piece::All(vec![text(ident(plan, *of)), list("(", [result], ")")])
                    }
                    other => Piece::All(vec![
                        text("("),
                        arrow(ITEM, "item", plan, other),
                        text(")"),
                        list("(", [result], ")"),
                    ]),
                };
            }
            result
        }
    }
}

fn tuple<'p, 'a>(
    plan: &'p Plan<'a>,
    items: &'p [Option<Decode<'a>>],
    rest: Option<&'p Option<Box<Decode<'a>>>>,
    of: &str,
) -> Piece<'p> {
    let positions = items.iter().enumerate().map(|(index, item)| {
        let position = format!("{of}[{index}]");
        match item {
            Some(step) => expression(plan, step, &position),
            None => text(position),
        }
    });
    let rest = rest.map(|step| {
        let tail = format!("{of}.slice({})", items.len());
        match step {
            Some(step) => Piece::All(vec![
                text(format!("...{tail}.map")),
                list("(", [arrow(ITEM, "item", plan, step)], ")"),
            ]),
            None => text(format!("...{tail}")),
        }
    });
    list("[", positions.chain(rest), "]")
}

fn object<'p, 'a>(
    plan: &'p Plan<'a>,
    fields: &'p [(&'a str, bool, Decode<'a>)],
    of: &str,
) -> Piece<'p> {
    let copied = text(format!("...{of}"));
    let fields = fields.iter().map(|(name, required, step)| {
        let value = access(of, name);
        let field =
            Piece::All(vec![text(computed_key(name)), text(": "), expression(plan, step, &value)]);
        if *required {
            return field;
        }
        let present = choice(text(absent(of, name)), text("{}"), braces([field]));
        Piece::All(vec![text("...("), present, text(")")])
    });
    braces(std::iter::once(copied).chain(fields))
}

/// A key of an object literal; `__proto__` as it is would set the prototype.
fn computed_key(name: &str) -> String {
    match name {
        "__proto__" => "[\"__proto__\"]".to_owned(),
        name if is_identifier(name) => name.to_owned(),
        name => quote(name),
    }
}

fn union<'p, 'a>(
    plan: &'p Plan<'a>,
    branches: &'p [(Test<'a>, Option<Decode<'a>>)],
    of: &str,
) -> Piece<'p> {
    let mut result = text(of.to_owned());
    for (test, step) in branches.iter().rev() {
        let value = match step {
            Some(step) => expression(plan, step, of),
            None => text(of.to_owned()),
        };
        result = match condition(test, of) {
            None => value,
            Some(condition) => choice(condition, value, result),
        };
    }
    result
}

/// `condition ? yes : no`.
fn choice<'p>(condition: Piece<'p>, yes: Piece<'p>, no: Piece<'p>) -> Piece<'p> {
    let branches = vec![Piece::Line, text("? "), yes, Piece::Line, text(": "), no];
    Piece::Group(vec![condition, Piece::Indent(branches)])
}

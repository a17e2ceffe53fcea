//! By which arguments a call narrows what it touches: those that a `scope` names, else those that
//! identify. About every other shared name `build()` asks, since the name alone does not tell whether
//! the call touches entries of other values too.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::plan::{ContextNode, ContextParam, Effect};
use super::report::Report;
use super::schemas::{SchemaBook, without_null};
use crate::error::BuildProblems;
use crate::function::{Argument, Function};

/// Words that an attribute takes as names only after `r#`.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Whether an argument of a parameter's name means the same thing: the parameter is required, and its
/// value identifies. That is an integer, a UUID, or a text that is called an id, a slug or a key.
pub(super) fn identifies(param: &ContextParam, schemas: &SchemaBook) -> bool {
    let schema = without_null(schemas.resolve(&param.schema));
    let schema = schemas.resolve(&schema);
    let word = |key: &str| schema.get(key).and_then(Value::as_str);
    let is_choice = ["enum", "const", "oneOf", "anyOf"].iter().any(|key| schema.get(key).is_some());
    param.required
        && !is_choice
        && match (word("type"), word("format")) {
            (Some("integer"), _) | (Some("string"), Some("uuid" | "mizan-bigint")) => true,
            (Some("string"), format) => {
                let is_time = |format: &str| {
                    ["date", "time", "duration"].iter().any(|word| format.contains(word))
                };
                is_called_so(&param.name) && !format.is_some_and(is_time)
            }
            _ => false,
        }
}

fn is_called_so(name: &str) -> bool {
    ["id", "slug", "key"].iter().any(|word| {
        let before = name.strip_suffix(word);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

/// One name that an argument of a call and a parameter of a context share, or that a `scope` pairs.
pub(super) struct Shared {
    context: Arc<str>,
    param: Arc<str>,
    argument: String,
    /// Whether the argument pins the parameter: a `scope` names it, or the parameter identifies.
    pins: bool,
    /// Why the argument cannot pin it as it is.
    fault: Option<Misfit>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Misfit {
    Types,
    NotJson,
}

impl Misfit {
    fn remedy(self) -> &'static str {
        match self {
            Self::Types => "give it one type in both",
            Self::NotJson => "derive `serde::Serialize` on its type",
        }
    }
}

/// The arguments of a call that pin parameters of a context, by position. Everything that its names
/// share is added to `shared`.
pub(super) fn pins(
    function: &Function,
    arguments: &[Value],
    context: &ContextNode,
    schemas: &SchemaBook,
    shared: &mut Vec<Shared>,
) -> Vec<(usize, Arc<str>)> {
    let mut pinned = Vec::new();
    for param in context.params.iter().filter(|param| !param.range) {
        let (name, pins) = match &function.scope {
            None => (Some(&*param.name), identifies(param, schemas)),
            Some(rules) => {
                let rule = rules.iter().find(|rule| rule.param == *param.name);
                (rule.map(|rule| &*rule.argument), true)
            }
        };
        let Some((at, argument)) = name.and_then(|name| function.argument(name)) else {
            continue;
        };
        if pins {
            pinned.push((at, Arc::clone(&param.name)));
        }
        shared.push(Shared {
            context: Arc::clone(&context.name),
            param: Arc::clone(&param.name),
            argument: argument.name.to_string(),
            pins,
            fault: misfit(argument, &arguments[at], param),
        });
    }
    pinned
}

fn misfit(argument: &Argument, schema: &Value, param: &ContextParam) -> Option<Misfit> {
    if without_null(schema) != without_null(&param.schema) {
        Some(Misfit::Types)
    } else if !argument.json {
        Some(Misfit::NotJson)
    } else {
        None
    }
}

/// Reports what a call's shared names leave open, and what they cannot mean.
pub(super) fn report(function: &Function, shared: &[Shared], report: &mut BuildProblems) {
    for Shared { context, param, argument, fault, .. } in shared.iter().filter(|one| one.pins) {
        let own = format!("argument `{argument}` of `{}`", function.name);
        match fault {
            Some(Misfit::Types) => {
                let without =
                    words(function, &names(shared, |one| one.pins && one.param != *param));
                report.report(
                    format!(
                        "{own} and parameter `{param}` of context `{context}` have different types"
                    ),
                    &[function],
                    format!("give them one type if they mean the same thing, else write {without}"),
                );
            }
            Some(Misfit::NotJson) => report.report(
                format!("{own} scopes and does not serialize"),
                &[function],
                "derive `serde::Serialize` on its type",
            ),
            None => {}
        }
    }
    ask(function, shared, report);
}

/// One question for all names of a call that do not tell what it touches.
fn ask(function: &Function, shared: &[Shared], report: &mut BuildProblems) {
    let asked = names(shared, |one| !one.pins);
    if asked.is_empty() {
        return;
    }
    let misfits = names(shared, |one| !one.pins && one.fault.is_some());
    let all = names(shared, |one| one.pins || !misfits.contains(&&*one.param));
    let least = names(shared, |one| one.pins && !asked.contains(&&*one.param));
    let (most, least) = (words(function, &all), words(function, &least));
    let open: Vec<&&str> = asked.iter().filter(|name| !misfits.contains(name)).collect();
    let mut help = match &open[..] {
        [] => format!("write {least}"),
        [name] => format!(
            "write {most} if the call touches nothing but entries of that `{name}`, else {least}"
        ),
        _ => format!(
            "write {most}, and leave out each name whose other entries the call touches too; \
             without any of them it is {least}"
        ),
    };
    for name in misfits {
        let fault = shared.iter().find(|one| !one.pins && *one.param == *name);
        let remedy = fault.and_then(|one| one.fault).map_or("", Misfit::remedy);
        help += &format!("; `{name}` can be in the scope once you {remedy}");
    }
    let contexts: BTreeSet<&str> =
        shared.iter().filter(|one| !one.pins).map(|one| &*one.context).collect();
    let (is, parameter, does) =
        if asked.len() == 1 { ("is", "a parameter", "does") } else { ("are", "parameters", "do") };
    let context = if contexts.len() == 1 { "context" } else { "contexts" };
    report.report(
        format!(
            "{} of `{}` {is} also {parameter} of {context} {}, and {does} not say which entries the call touches",
            list(&asked),
            function.name,
            list(&contexts.into_iter().collect::<Vec<_>>())
        ),
        &[function],
        help,
    );
}

/// An explicit scope must name arguments of the function and parameters of some target.
pub(super) fn unused<'a>(
    function: &Function,
    touched: impl Iterator<Item = &'a Effect> + Clone,
    report: &mut BuildProblems,
) {
    let has =
        |name: &str| touched.clone().any(|own| own.scope.iter().any(|(_, own)| **own == *name));
    for rule in function.scope.iter().flatten() {
        if function.argument(&rule.argument).is_none() {
            report.report(
                format!(
                    "`scope` of `{}` names `{}`, which is not an argument of it",
                    function.name, rule.argument
                ),
                &[function],
                "write `scope = [parameter_of_the_context = argument]`",
            );
        } else if touched.clone().next().is_some() && !has(&rule.param) {
            report.report(
                format!(
                    "`scope` of `{}` names `{}`, which no target has",
                    function.name, rule.param
                ),
                &[function],
                "name a parameter of a context that the function affects",
            );
        }
    }
}

/// The names of some shared parameters, sorted, each once.
fn names(shared: &[Shared], which: impl Fn(&Shared) -> bool) -> Vec<&str> {
    let mut names: Vec<&str> =
        shared.iter().filter(|one| which(one)).map(|one| &*one.param).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A scope as it is written: in the attribute, or by setters of a run-time function.
fn words(function: &Function, params: &[&str]) -> String {
    let argument = |param: &str| {
        let rule = function.scope.iter().flatten().find(|rule| rule.param == *param);
        rule.map_or_else(|| param.to_owned(), |rule| rule.argument.to_string())
    };
    let raw = |name: &str| {
        if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
    };
    let pairs = params.iter().map(|param| (*param, argument(param)));
    match (function.id, params.is_empty()) {
        (Some(_), true) => "`scope = none`".into(),
        (None, true) => "`.scope_none()`".into(),
        (Some(_), false) => {
            let pair = |(param, argument): (&str, String)| {
                if param == argument {
                    raw(param)
                } else {
                    format!("{} = {}", raw(param), raw(&argument))
                }
            };
            format!("`scope = [{}]`", pairs.map(pair).collect::<Vec<_>>().join(", "))
        }
        (None, false) => {
            let setter = |(param, argument)| format!(".scope(\"{param}\", \"{argument}\")");
            format!("`{}`", pairs.map(setter).collect::<String>())
        }
    }
}

/// Names as a list in a sentence.
fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::args::Form;

    fn param(name: &str, required: bool, schema: Value) -> ContextParam {
        ContextParam {
            name: name.into(),
            schema,
            required,
            default: None,
            form: Form::default(),
            range: false,
        }
    }

    #[test]
    fn what_identifies_pins_by_its_name_alone() {
        let mut schemas = SchemaBook::default();
        let defs = [
            ("Slug", json!({"type": "string", "minLength": 1})),
            ("State", json!({"type": "string", "enum": ["open", "closed"]})),
            ("Documented", json!({"oneOf": [{"const": "open"}, {"const": "closed"}]})),
        ];
        schemas.defs.extend(defs.map(|(name, schema)| (name.to_owned(), schema)));
        let text = || json!({"type": "string"});
        let of = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
        for (name, schema, expected) in [
            ("user_id", json!({"type": "integer", "format": "int64"}), true),
            ("page", json!({"type": "integer"}), true),
            ("rank", json!({"type": "integer", "enum": [1, 2]}), false),
            ("number", json!({"type": "string", "format": "mizan-bigint"}), true),
            ("owner", json!({"type": "string", "format": "uuid"}), true),
            ("id", text(), true),
            ("slug", text(), true),
            ("key", text(), true),
            ("stall_slug", of("Slug"), true),
            ("api_key", json!({"type": ["string", "null"]}), true),
            ("user_id", json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), true),
            ("monkey", text(), false),
            ("paid", text(), false),
            ("name", text(), false),
            ("name", of("Slug"), false),
            ("birthday_id", json!({"type": "string", "format": "date"}), false),
            ("slot_key", json!({"type": "string", "format": "date-time"}), false),
            ("state", of("State"), false),
            ("state_id", of("State"), false),
            ("state_id", of("Documented"), false),
            ("open", json!({"type": "boolean"}), false),
            ("ratio", json!({"type": "number"}), false),
            ("ids", json!({"type": "array", "items": {"type": "integer"}}), false),
        ] {
            assert_eq!(
                identifies(&param(name, true, schema.clone()), &schemas),
                expected,
                "{name}: {schema}"
            );
            assert!(!identifies(&param(name, false, schema), &schemas), "{name} is optional");
        }
    }
}

//! Mistakes that one function or one context can hold.

use std::time::Duration;

use super::names::fault;
use super::plan::{ContextNode, ContextParam};
use super::report::Report;
use super::routes::methods;
use super::schemas::SchemaBook;
use crate::error::BuildProblems;
use crate::function::{Function, RATE_FORM, RateRule};
use crate::state::StateNeed;
use crate::visibility::Visibility;

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Mistakes of single declarations, and names that appear twice.
pub(super) fn declarations(
    functions: &[Function],
    states: Option<&[StateNeed]>,
    report: &mut BuildProblems,
) {
    for pair in functions.windows(2) {
        if let [first, second] = pair
            && first.name == second.name
        {
            report.report(
                format!("two functions are called `{}`", first.name),
                &[first, second],
                "rename one, or give one another wire name by `name = \"…\"`",
            );
        }
    }
    for function in functions {
        names(function, report);
        options(function, report);
        rates(function, report);
        for need in function.needs() {
            if states.is_some_and(|states| !states.iter().any(|state| state.id == need.id)) {
                report.report(
                    format!(
                        "`{}` needs `State<{}>`, which was not given",
                        function.name, need.name
                    ),
                    &[function],
                    "add `.state(value)` to the builder",
                );
            }
        }
    }
}

fn names(function: &Function, report: &mut BuildProblems) {
    if let Some(fault) = fault(&function.name) {
        report.report(format!("`{}` is not a wire name", function.name), &[function], fault);
    }
    for param in &function.arguments {
        if let Some(fault) = fault(&param.name) {
            let message =
                format!("`{}` of `{}` is not a parameter name", param.name, function.name);
            report.report(message, &[function], fault);
        }
    }
    let Some(context) = &function.context else {
        return;
    };
    if let Some(fault) = fault(&context.name) {
        let message = format!("`{}` is not a context name", context.name);
        report.report(message, &[function], fault);
    }
}

/// Rates that say nothing, or count by what cannot be counted.
fn rates(function: &Function, report: &mut BuildProblems) {
    let name = &function.name;
    for (at, rate) in function.rates.iter().enumerate() {
        let rule = match rate {
            Ok(rule) => rule,
            Err(text) => {
                let message = format!("`{text}`, a rate of `{name}`, is not a rate");
                report.report(message, &[function], RATE_FORM);
                continue;
            }
        };
        let text = &rule.text;
        let again = |other: &Result<_, _>| {
            other
                .as_ref()
                .is_ok_and(|other: &RateRule| (other.rate, &other.by) == (rule.rate, &rule.by))
        };
        if function.rates[..at].iter().any(again) {
            let message = format!("`{name}` has the rate `{text}` twice");
            report.report(message, &[function], "keep one of the two");
        }
        let Some(by) = &rule.by else { continue };
        match function.argument(by) {
            None => report.report(
                format!(
                    "`{text}`, a rate of `{name}`, counts by `{by}`, which is not an argument of it"
                ),
                &[function],
                "name an argument of the function after `by`",
            ),
            Some((_, argument)) if !argument.json => report.report(
                format!(
                    "`{text}`, a rate of `{name}`, counts by an argument that does not serialize"
                ),
                &[function],
                "derive `serde::Serialize` on its type: its value names what is counted",
            ),
            Some(_) => {}
        }
    }
}

fn options(function: &Function, report: &mut BuildProblems) {
    let name = &function.name;
    let mut say = |wrong: bool, message: String, help: &str| {
        if wrong {
            report.report(message, &[function], help);
        }
    };
    let reads = function.context.is_some();
    say(
        reads && !function.affects.is_empty(),
        format!("`{name}` has both `context` and `affects`"),
        "a function either belongs to a context or invalidates one; remove one of the two",
    );
    say(
        reads && !function.merge.is_empty(),
        format!("`{name}` has both `context` and `merge`"),
        "a function either belongs to a context or changes one; remove one of the two",
    );
    say(
        reads && function.private,
        format!("`{name}` is private and belongs to a context"),
        "a context is read by clients; remove `private` or `context`",
    );
    say(
        function.webhook.is_some() && !(function.private && function.route.is_some()),
        format!("`{name}` is a webhook and not a private function with a route"),
        "a machine calls it by a path of its own; add `private` and `route = \"/…/\"`",
    );
    let changes = !(function.affects.is_empty() && function.merge.is_empty());
    say(
        function.detach && (reads || changes),
        format!(
            "`{name}` has `detach` and {}",
            if reads { "is a read" } else { "declares a change" }
        ),
        "a read is never detached, and a call that declares a change always is; remove `detach`",
    );
    say(
        function.detach && function.idempotent,
        format!("`{name}` has both `idempotent` and `detach`"),
        "an idempotent call runs to its end without it; remove `detach`",
    );
    let is_kept = !(reads || function.private || function.websocket || function.is_view());
    say(
        function.idempotent && !(is_kept && function.visibility < Visibility::Raw),
        format!("`{name}` is idempotent, and its response cannot be kept"),
        "only that of a call of clients is kept which returns data and does not see the whole request: take \
         `&UserRequest`, or set `.visibility(…)` of a run-time function",
    );
    say(
        function.at_once == Some(0) || (reads && function.at_once.is_some()),
        format!("`at_once` of `{name}` is {}", if reads { "on a read" } else { "0" }),
        "write how many calls of a function may be under way at one time, 1 or more",
    );
    let times = Duration::from_millis(1)..=Duration::from_secs(3600);
    say(
        function.timeout.is_some_and(|time| !times.contains(&time)),
        format!("`timeout` of `{name}` is {:?}", function.timeout.unwrap_or_default()),
        "write a time from a millisecond to an hour",
    );
    let route = function.route.as_deref().unwrap_or_default();
    let reads_head = ["GET", "HEAD"].iter().any(|get| methods(function).contains(get));
    say(
        function.webhook.is_some() && (route.contains('<') || reads_head),
        format!("`{name}` is a webhook and has arguments that its signature does not cover"),
        "the signature covers the body alone; let every argument come in the body of a POST",
    );
    say(
        function.methods.is_some() && function.route.is_none(),
        format!("`{name}` has `methods` and no `route`"),
        "methods belong to a route; add `route = \"/…/\"` or remove them",
    );
    say(
        function.key.is_some() && function.merge.is_empty(),
        format!("`{name}` has `key` and no `merge`"),
        "a key finds the element that a merge replaces; add `merge` or remove it",
    );
    say(
        function.is_view() && !function.merge.is_empty(),
        format!("`{name}` is a view and has `merge`"),
        "only data can be merged; use `affects`",
    );
    for method in function.methods.iter().flatten() {
        say(
            !METHODS.contains(&&**method),
            format!("`{method}` of `{name}` is not a method"),
            "use GET, HEAD, POST, PUT, PATCH or DELETE",
        );
    }
}

/// Mistakes that the members of one context make together.
pub(super) fn contexts(
    functions: &[Function],
    contexts: &[ContextNode],
    schemas: &SchemaBook,
    report: &mut BuildProblems,
) {
    for (position, result) in schemas.results.iter().enumerate() {
        if result.as_ref().is_some_and(|schema| schemas.holds_result(schema)) {
            let function = &functions[position];
            report.report(
                format!(
                    "the result of `{}` holds a `Result`, which would travel as `{{\"Ok\": …}}`",
                    function.name
                ),
                &[function],
                "return the error with `?`, or put an enum of your own into the result",
            );
        }
    }
    for context in contexts {
        let all: Vec<&Function> =
            context.all().into_iter().map(|id| &functions[id.index()]).collect();
        let types = all.iter().filter_map(|function| function.context.as_ref()?.declared);
        let mut types: Vec<_> =
            types.map(|(id, location)| (id, (context.name.to_string(), location))).collect();
        types.sort_by(|a, b| a.1.cmp(&b.1));
        types.dedup();
        if types.iter().any(|(id, _)| *id != types[0].0) {
            report.report_at(
                format!("two context types have the wire name `{}`", context.name),
                types.into_iter().map(|(_, party)| party).collect(),
                "rename one, or give one another wire name by `#[context(name = \"…\")]`",
            );
        }
        let over_socket = |function: &&&Function| function.websocket;
        if all.iter().any(|function| function.websocket)
            && !all.iter().all(|function| function.websocket)
        {
            let parties: Vec<&Function> = all.iter().filter(over_socket).copied().collect();
            report.report(
                format!("context `{}` mixes members over WebSocket and HTTP", context.name),
                &parties,
                "a bundle is read over one transport; set `websocket` on every member or on none",
            );
        }
        for function in &all {
            for param in &function.arguments {
                let shared = context.param(&param.name);
                let message =
                    format!("parameter `{}` of context `{}` is nested", param.name, context.name);
                if !shared.is_some_and(|shared| schemas.is_flat(&shared.schema, true)) {
                    report.report(
                        message,
                        &[function],
                        "a context's parameter is a scalar or a list of scalars",
                    );
                } else if !param.json {
                    report.report(
                        format!(
                            "parameter `{}` of context `{}` does not serialize",
                            param.name, context.name
                        ),
                        &[function],
                        "derive `serde::Serialize` on its type: its value names the entry",
                    );
                } else if let Some(shared) = shared {
                    texts(shared, context, function, report);
                }
            }
        }
    }
}

/// A parameter travels as text and is keyed by it, so that two values must have two texts.
fn texts(
    param: &ContextParam,
    context: &ContextNode,
    function: &Function,
    report: &mut BuildProblems,
) {
    let place = format!("parameter `{}` of context `{}`", param.name, context.name);
    if let Some(pair) = param.form.ambiguity() {
        report.report(
            format!("{place} has two values with one text: {pair}"),
            &[function],
            "make its type a tagged enum with texts of its own (`id:5`), or use two parameters",
        );
    }
    if param.form.null_elements {
        report.report(
            format!("{place} is a list whose elements may be null"),
            &[function],
            "a query cannot write null in a list; leave such elements out, or use a value that stands for them",
        );
    }
}

//! The graph as text for people: who reads what, who changes it, and by which arguments.

use std::fmt::Write;

use crate::function::Function;
use crate::graph::{Effect, Graph, methods};

pub(super) fn listing(graph: &Graph) -> String {
    let mut text = String::new();
    for context in &graph.contexts {
        let params: Vec<&str> = context.params.iter().map(|param| &*param.name).collect();
        line(&mut text, format_args!("context {}({})", context.name, params.join(", ")));
        for at in context.all() {
            let function = &graph.functions[at].function;
            let kind = if function.is_view() { "page" } else { "read" };
            let route = route(function);
            line(
                &mut text,
                format_args!("  {kind} {}{route} at {}", function.name, function.place),
            );
        }
        for plan in &graph.functions {
            let effects = plan.effects.iter().filter(|effect| effect.context == context.name);
            for effect in effects {
                let private = if plan.function.private { "private " } else { "" };
                let (scope, route) = (scope(effect), route(&plan.function));
                line(
                    &mut text,
                    format_args!(
                        "  {private}changed by {}{scope}{route} at {}",
                        plan.function.name, plan.function.place
                    ),
                );
            }
            for merge in plan.merges.iter().filter(|merge| merge.effect.context == context.name) {
                let scope = scope(&merge.effect);
                line(
                    &mut text,
                    format_args!(
                        "  {} of it set by {}{scope} at {}",
                        merge.slot, plan.function.name, plan.function.place
                    ),
                );
            }
        }
    }
    for plan in &graph.functions {
        if plan.function.context.is_none() && plan.effects.is_empty() && plan.merges.is_empty() {
            line(
                &mut text,
                format_args!(
                    "function {}{} at {}",
                    plan.function.name,
                    route(&plan.function),
                    plan.function.place
                ),
            );
        }
    }
    text
}

/// By which path a function is reached, where it has a route.
fn route(function: &Function) -> String {
    let route = function.route.as_ref();
    route.map(|route| format!(", {} {route}", methods(function).join("|"))).unwrap_or_default()
}

fn scope(effect: &Effect) -> String {
    let only = effect.function.as_ref().map(|name| format!(", only {name}")).unwrap_or_default();
    match effect.scope.is_empty() {
        true => format!(" (every entry{only})"),
        false => format!(" (by {}{only})", effect.param_names().join(", ")),
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{arguments}");
}

//! The graph as text for people: who reads what, who changes it, and by which arguments.

use std::fmt::Write;

use crate::function::Function;
use crate::graph::{Effect, Graph, methods};

pub(crate) fn listing(graph: &Graph) -> String {
    let mut text = String::new();
    for context in &graph.contexts {
        let params: Vec<&str> = context.params.iter().map(|param| &*param.name).collect();
        line(&mut text, format_args!("context {}({})", context.name, params.join(", ")));
        for id in context.all() {
            let function = &graph[id].function;
            let kind = if function.is_view() { "page" } else { "read" };
            let route = route(function);
            line(
                &mut text,
                format_args!("  {kind} {}{route} at {}", function.name, function.location),
            );
        }
        for node in &graph.functions {
            let effects = node.effects.iter().filter(|effect| effect.context == context.name);
            for effect in effects {
                let private = if node.function.private { "private " } else { "" };
                let (scope, route) = (scope(effect), route(&node.function));
                line(
                    &mut text,
                    format_args!(
                        "  {private}changed by {}{scope}{route} at {}",
                        node.function.name, node.function.location
                    ),
                );
            }
            for merge in node.merges.iter().filter(|merge| merge.effect.context == context.name) {
                let scope = scope(&merge.effect);
                line(
                    &mut text,
                    format_args!(
                        "  {} of it set by {}{scope} at {}",
                        merge.slot, node.function.name, node.function.location
                    ),
                );
            }
        }
    }
    for node in &graph.functions {
        if node.function.context.is_none() && node.effects.is_empty() && node.merges.is_empty() {
            line(
                &mut text,
                format_args!(
                    "function {}{} at {}",
                    node.function.name,
                    route(&node.function),
                    node.function.location
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
    if effect.scope.is_empty() {
        format!(" (every entry{only})")
    } else {
        format!(" (by {}{only})", effect.param_names().join(", "))
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{arguments}");
}

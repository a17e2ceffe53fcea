//! What must hold of a document before anything is planned. All mistakes are collected.

use std::collections::HashSet;

use mizan_schema::{Document, Function, Kind, Param, VERSION};

use crate::names::{is_reserved, is_wire_name};
use crate::problem::{Problem, pointer_step};

/// Every mistake of the document's names and of how its parts refer to each other.
pub(crate) fn check(document: &Document) -> Vec<Problem> {
    if document.mizan != VERSION {
        return vec![Problem::new(
            "/mizan",
            format!(
                "the document has version {}, this generator reads version {VERSION}",
                document.mizan
            ),
            "install the mizan-generate of the same release as the backend",
        )];
    }
    let mut problems = Vec::new();
    for (name, function) in &document.functions {
        let pointer = format!("/functions/{}", pointer_step(name));
        let legal = match name.split_once('.') {
            Some((form, role)) => is_wire_name(form) && is_wire_name(role),
            None => is_wire_name(name),
        };
        check_name(&mut problems, legal, "function", name, &pointer);
        check_params(&mut problems, &function.params, &pointer);
        check_targets(&mut problems, function, &pointer);
        check_read(&mut problems, document, name, function, &pointer);
    }
    for (name, context) in &document.contexts {
        let pointer = format!("/contexts/{}", pointer_step(name));
        check_name(&mut problems, is_wire_name(name), "context", name, &pointer);
        check_params(&mut problems, &context.params, &pointer);
        for (index, member) in context.functions.iter().enumerate() {
            let function = document.functions.get(member);
            if function.is_none_or(|function| function.context.as_deref() != Some(name)) {
                problems.push(Problem::new(
                    format!("{pointer}/functions/{index}"),
                    format!("context `{name}` lists {member:?}, which is not a function of it"),
                    "print the document again with the backend; do not edit it",
                ));
            }
        }
    }
    problems
}

/// What is wrong with a name for the error class, if anything is.
pub(crate) fn check_error_class(name: &str) -> Option<Problem> {
    let starts = name.starts_with(|first: char| first.is_ascii_uppercase());
    let legal = starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if legal && !is_reserved(name) {
        return None;
    }
    let message = if legal {
        format!("`{name}` is taken by JavaScript or by Mizan")
    } else {
        format!("{name:?} is not a name for the error class")
    };
    let help = "use ASCII letters and digits, a capital first, such as `HelloError`";
    Some(Problem::new("", message, help))
}

fn check_name(problems: &mut Vec<Problem>, legal: bool, what: &str, name: &str, pointer: &str) {
    if !legal {
        problems.push(Problem::new(
            pointer,
            format!("{name:?} is not a name for a {what}"),
            "names match [a-z][a-z0-9_]{0,63} and are neither `constructor` nor `prototype`; \
             rename it in the backend, for example with `name = \"…\"`",
        ));
    }
}

fn check_params(problems: &mut Vec<Problem>, params: &[Param], owner: &str) {
    let mut seen = HashSet::new();
    for (index, param) in params.iter().enumerate() {
        let pointer = format!("{owner}/params/{index}/name");
        check_name(problems, is_wire_name(&param.name), "parameter", &param.name, &pointer);
        if !seen.insert(&param.name) {
            problems.push(Problem::new(
                pointer,
                format!("the parameter `{}` appears twice", param.name),
                "rename one of the two in the backend",
            ));
        }
    }
}

fn check_targets(problems: &mut Vec<Problem>, function: &Function, pointer: &str) {
    for (index, target) in function.affects.iter().enumerate() {
        let pointer = format!("{pointer}/affects/{index}");
        check_name(problems, is_wire_name(&target.context), "context", &target.context, &pointer);
        if let Some(member) = &target.function {
            check_name(problems, is_wire_name(member), "function", member, &pointer);
        }
    }
}

fn check_read(
    problems: &mut Vec<Problem>,
    document: &Document,
    name: &str,
    function: &Function,
    pointer: &str,
) {
    if function.kind != Kind::Read {
        return;
    }
    let context = function.context.as_deref();
    if !context.is_some_and(|context| document.contexts.contains_key(context)) {
        problems.push(Problem::new(
            format!("{pointer}/context"),
            format!("the read {name:?} belongs to no context of the document"),
            "give it `context = …` in the backend, or make it a call",
        ));
    }
}

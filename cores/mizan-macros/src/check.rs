//! Joins attribute and signature, and reports every contradiction between them.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, parse_quote};

use crate::attr::{Attributes, Word};
use crate::errors::Errors;
use crate::item::Item;
use crate::keyword::name_fault;
use crate::model::{Model, Role};
use crate::signature::{Shape, wire_text};
use crate::{rate, time};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Gives the model, or nothing where something was wrong.
pub(crate) fn check(
    mut attributes: Attributes,
    item: &Item,
    shape: Shape,
    mut errors: Errors,
) -> Result<Model, TokenStream> {
    let ident = item.signature.ident.clone();
    let own = wire_text(&ident);
    let name = match &attributes.name {
        Some(name) => name.value.value(),
        None => own.clone(),
    };
    if let Some(fault) = name_fault(&name) {
        let message = format!("`{name}` is not a wire name");
        match &attributes.name {
            Some(name) => errors.add(&name.value, message, fault),
            None => errors.add(&ident, message, format!("{fault}; give another by `name = \"…\"`")),
        }
    }
    roles(&own, &attributes, &mut errors);
    webhooks(&own, &attributes, &mut errors);
    routes(&own, &attributes, &shape, &mut errors);
    scopes(&own, &attributes, &shape, &mut errors);
    rates(&own, &attributes, &shape, &mut errors);
    keys(&own, &attributes, &shape, &mut errors);
    timeout(&attributes, &mut errors);
    ranges(&own, &attributes, &shape, &mut errors);
    errors.finish()?;
    let role = match attributes.context.take() {
        Some(context) => Role::Read(context.value),
        None => Role::Call {
            affects: attributes.affects.take().map(|word| word.value).unwrap_or_default(),
            merge: attributes.merge.take().map(|word| word.value).unwrap_or_default(),
            scope: attributes.scope.take().map(|word| word.value),
        },
    };
    Ok(Model {
        name,
        doc: doc(&item.attributes),
        is_async: item.signature.asyncness.is_some(),
        role,
        krate: attributes.krate.take().map(|word| word.value),
        attributes,
        request: shape.request,
        states: shape.states,
        arguments: shape.arguments,
        range: shape.range,
        result: shape.result.unwrap_or_else(|| parse_quote!(())),
        ident,
    })
}

/// Reports a word that contradicts another, on the word.
fn clash<A, B>(
    wrong: &Option<Word<A>>,
    other: &Option<Word<B>>,
    function: &str,
    help: &str,
    errors: &mut Errors,
) {
    if let (Some(wrong), Some(other)) = (wrong, other) {
        errors.add(
            &wrong.word,
            format!("`{function}` has both `{}` and `{}`", other.word, wrong.word),
            help,
        );
    }
}

/// Reports a word that means nothing without another, on the word.
fn alone<A>(
    word: &Option<Word<A>>,
    has_other: bool,
    other: &str,
    function: &str,
    help: &str,
    errors: &mut Errors,
) {
    if let (Some(word), false) = (word, has_other) {
        errors.add(&word.word, format!("`{function}` has `{}` without {other}", word.word), help);
    }
}

fn roles(function: &str, attributes: &Attributes, errors: &mut Errors) {
    let Attributes {
        context,
        affects,
        merge,
        key,
        scope,
        private,
        websocket,
        detach,
        idempotent,
        at_once,
        rev,
        cache,
        pages,
        route,
        ..
    } = attributes;
    let either = "a function either belongs to a context or changes one; remove one of the two";
    clash(affects, context, function, either, errors);
    clash(merge, context, function, either, errors);
    clash(
        private,
        context,
        function,
        "a context is read by clients; remove one of the two",
        errors,
    );
    clash(
        private,
        websocket,
        function,
        "a private function is called by no client; remove one of the two",
        errors,
    );
    let help = "a read stops when its caller goes away; remove one of the two";
    clash(detach, context, function, help, errors);
    let help = "a call that declares a change runs to its end without it; remove `detach`";
    clash(detach, affects, function, help, errors);
    clash(detach, merge, function, help, errors);
    let help = "a read changes nothing, so it may be sent again without it; remove one of the two";
    clash(idempotent, context, function, help, errors);
    let help =
        "keys are sent by clients, and none calls it; recognise a repetition in the function";
    clash(idempotent, private, function, help, errors);
    let help = "the key is in the head of a request of its own; remove one of the two";
    clash(idempotent, websocket, function, help, errors);
    let help = "an idempotent call runs to its end without it; remove `detach`";
    clash(detach, idempotent, function, help, errors);
    let help = "it counts calls, and a context is read; remove one of the two";
    clash(at_once, context, function, help, errors);
    let merges = attributes.mentions("merge", merge);
    let changes = merges || attributes.mentions("affects", affects);
    alone(
        key,
        merges,
        "`merge`",
        function,
        "a key finds the element that a merge replaces",
        errors,
    );
    alone(scope, changes, "`affects`", function, "a scope narrows what a call invalidates", errors);
    let reads = attributes.mentions("context", context);
    alone(rev, reads, "`context`", function, "a revision belongs to what a read computes", errors);
    alone(cache, reads, "`context`", function, "only reads of a context are cached", errors);
    alone(
        pages,
        attributes.mentions("route", route),
        "`route`",
        function,
        "pages are rendered where a route is mounted",
        errors,
    );
}

/// A webhook is private, has a route, and no argument that its signature does not cover.
fn webhooks(function: &str, attributes: &Attributes, errors: &mut Errors) {
    let webhook = &attributes.webhook;
    let private = attributes.mentions("private", &attributes.private);
    let help = "a webhook is called by a machine and by no client; add `private`";
    alone(webhook, private, "`private`", function, help, errors);
    let route = attributes.mentions("route", &attributes.route);
    let help = "a machine calls a webhook by its path; add `route = \"/…/\"`";
    alone(webhook, route, "`route`", function, help, errors);
    if webhook.is_none() {
        return;
    }
    if let Some(route) = attributes.route.as_ref().filter(|route| route.value.value().contains('<'))
    {
        errors.add(
            &route.value,
            format!("`{function}` is a webhook and has an argument in its path"),
            "the signature covers the body alone; let every argument come in the body",
        );
    }
    for method in attributes.methods.iter().flat_map(|methods| &methods.value) {
        if matches!(method.value().as_str(), "GET" | "HEAD") {
            errors.add(
                method,
                format!("`{function}` is a webhook and has the method `{}`", method.value()),
                "the signature covers the body, and arguments of this method are in the query; use POST",
            );
        }
    }
}

/// A list is read, and the page of a route is not a page of a list.
fn ranges(function: &str, attributes: &Attributes, shape: &Shape, errors: &mut Errors) {
    let Some(range) = &shape.range else { return };
    if !attributes.mentions("context", &attributes.context) {
        errors.add(
            &range.key,
            format!("`{function}` has a `Range` and belongs to no context"),
            "a list that grows is read: add `context = …`, or take a limit of your own",
        );
    }
    if let Some(route) = &attributes.route {
        errors.add(
            &route.word,
            format!("`{function}` has a `Range` and a route"),
            "a list is read with its context: remove one of the two",
        );
    }
}

fn routes(function: &str, attributes: &Attributes, shape: &Shape, errors: &mut Errors) {
    alone(
        &attributes.methods,
        attributes.mentions("route", &attributes.route),
        "`route`",
        function,
        "methods belong to a route; add `route = \"/…/\"` or remove them",
        errors,
    );
    for method in attributes.methods.iter().flat_map(|methods| &methods.value) {
        if !METHODS.contains(&method.value().as_str()) {
            errors.add(
                method,
                format!("`{}` is not a method", method.value()),
                "use GET, HEAD, POST, PUT, PATCH or DELETE, in upper case",
            );
        }
    }
    let Some(route) = &attributes.route else {
        return;
    };
    let text = route.value.value();
    if !text.starts_with('/') {
        return errors.add(
            &route.value,
            format!("route `{text}` does not start with `/`"),
            "write the whole path",
        );
    }
    for part in text.split('/') {
        let name = part.strip_prefix('<').and_then(|part| part.strip_suffix('>'));
        let known =
            |name: &str| shape.arguments.iter().any(|argument| wire_text(&argument.ident) == name);
        let plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        match name {
            Some(name) if !known(name) => errors.add(
                &route.value,
                format!("route `{text}` names `{name}`, which is not an argument of `{function}`"),
                "name an argument between `<` and `>`",
            ),
            None if !plain => errors.add(
                &route.value,
                format!("`{part}` is not a part of a route"),
                "use letters, digits and `-._~`, or `<name>` alone between two `/`",
            ),
            _ => {}
        }
    }
}

fn scopes(function: &str, attributes: &Attributes, shape: &Shape, errors: &mut Errors) {
    for (_, argument) in attributes.scope.iter().flat_map(|scope| &scope.value) {
        let known = |own: &crate::signature::Argument| wire_text(&own.ident) == wire_text(argument);
        if !shape.arguments.iter().any(known) {
            errors.add(
                argument,
                format!("`scope` names `{argument}`, which is not an argument of `{function}`"),
                "write `scope = [parameter_of_the_context = argument]`",
            );
        }
    }
}

/// `Each` is for reads, once, and its result is sent as data.
fn keys(function: &str, attributes: &Attributes, shape: &Shape, errors: &mut Errors) {
    let mut keys = shape.arguments.iter().filter(|argument| argument.each.is_some());
    let Some(key) = keys.next() else { return };
    if let Some(second) = keys.next() {
        errors.add(
            &second.ty,
            format!("`{function}` takes two `Each`"),
            "put all parameters of the key into one struct with `#[derive(EachKey)]`",
        );
    }
    if !attributes.mentions("context", &attributes.context) {
        errors.add(
            &key.ty,
            format!("`{function}` is a call and takes `Each`"),
            "only reads of a context are run together; a call takes a `Vec`",
        );
    }
    if let Some(route) = &attributes.route {
        errors.add(
            &route.word,
            format!("`{function}` takes `Each` and has a route"),
            "a route is one page; let another function of the context be the page",
        );
    }
}

fn rates(function: &str, attributes: &Attributes, shape: &Shape, errors: &mut Errors) {
    let all = attributes.rate.as_ref().map(|word| &word.value[..]).unwrap_or_default();
    for (at, written) in all.iter().enumerate() {
        let text = written.value();
        let is_same = |other: &LitStr| other.value().split_whitespace().eq(text.split_whitespace());
        match rate::read(&text) {
            Err(()) => errors.add(written, format!("`{text}` is not a rate"), rate::FORM),
            Ok(_) if all[..at].iter().any(is_same) => {
                errors.add(
                    written,
                    format!("the rate `{text}` appears twice"),
                    "keep one of the two",
                );
            }
            Ok(Some(by)) => {
                // What an `Each` stands for is known to `build()`.
                let known = |own: &crate::signature::Argument| {
                    own.each.is_some() || wire_text(&own.ident) == by
                };
                if !shape.arguments.iter().any(known) {
                    errors.add(
                        written,
                        format!(
                            "`rate` counts by `{by}`, which is not an argument of `{function}`"
                        ),
                        "name an argument of the function after `by`",
                    );
                }
            }
            Ok(None) => {}
        }
    }
}

fn timeout(attributes: &Attributes, errors: &mut Errors) {
    let Some(Word { value, .. }) = &attributes.timeout else { return };
    let text = value.value();
    if time::millis(&text).is_none() {
        errors.add(value, format!("`{text}` is not a time"), time::FORM);
    }
}

/// The doc comment, without the space that each line starts with.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let lines = attributes.iter().filter_map(line);
    let lines: Vec<String> =
        lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

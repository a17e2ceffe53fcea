//! Entries that are asked for together: in the query of a batch, in its body, or as what a page holds.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::read::split;
use crate::args::{QueryValue, Shape, object};
use crate::error::{Error, Result};
use crate::graph::{ContextId, ContextNode, Graph};
use crate::invalidate::invalidate_header::{self, HeaderTarget};
use crate::percent::push_component;
use crate::registry::Limits;

/// At most so many entries are read by one request.
pub(super) const MAX_ENTRIES: usize = 64;
/// A list in a body has at most so many elements.
const MAX_ELEMENTS: usize = 10_000;

/// One entry that is asked for.
pub(super) struct Asked {
    /// Where it is in the list; several where it is there more than once.
    pub(super) at: Vec<usize>,
    /// What it is, or why it is not read.
    pub(super) read: Result<(ContextId, Params)>,
}

/// The parameters of an entry.
pub(super) enum Params {
    /// The query of its own GET.
    Query(String),
    /// The text of a JSON object.
    Json(String),
}

/// An entry in a body.
#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    context: Cow<'a, str>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// Takes the query of a batch apart: `e=context;name=value`, in the grammar of `X-Mizan-Invalidate`. An entry that is
/// there twice is read once.
///
/// # Errors
/// `BAD_REQUEST` without an entry, and for more than [`MAX_ENTRIES`].
pub(super) fn in_query(graph: &Graph, query: &str, limits: &Limits) -> Result<Vec<Asked>> {
    let pairs = split(query, limits.params)?;
    let texts: Vec<_> = pairs.value("e").into_iter().flat_map(QueryValue::texts).collect();
    check_number(texts.len())?;
    let mut known: Vec<(Cow<'_, str>, Asked)> = Vec::with_capacity(texts.len());
    for (at, text) in texts.into_iter().enumerate() {
        let text = text.unwrap_or(Cow::Borrowed(""));
        match known.iter_mut().find(|(one, _)| *one == text) {
            Some((_, asked)) => asked.at.push(at),
            None => {
                let read = of_text(graph, &text);
                known.push((text, Asked { at: vec![at], read }));
            }
        }
    }
    Ok(known.into_iter().map(|(_, asked)| asked).collect())
}

/// Takes the body of a batch apart: `{"entries": [{"context", "params"}]}`.
///
/// # Errors
/// As [`in_query`], and for a body that is not of this form.
pub(super) fn in_body(graph: &Graph, body: &[u8], limits: &Limits) -> Result<Vec<Asked>> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow, default)]
        entries: Vec<Listed<'a>>,
    }
    let text = object(body, limits.depth)?;
    let body: Body<'_> = serde_json::from_str(text).map_err(|_| {
        Error::bad_request(
            "`entries` is a list of objects with `context` (text) and `params` (object)",
        )
    })?;
    check_number(body.entries.len())?;
    let read = |listed: &Listed<'_>| {
        let context = batched(graph, &listed.context)?;
        Ok((context, Params::Json(checked(listed.params.map_or("{}", RawValue::get))?)))
    };
    let entries = body.entries.iter().enumerate();
    Ok(entries.map(|(at, listed)| Asked { at: vec![at], read: read(listed) }).collect())
}

/// Takes apart what a page holds, by position: contexts with the text of their parameters. What is not of this form
/// is left out.
pub(super) fn mounted<'a>(graph: &Graph, text: &'a str) -> Vec<(usize, ContextId, &'a str)> {
    let listed: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    let listed = listed.into_iter().take(MAX_ENTRIES).enumerate();
    let read = |(at, text): (usize, &'a RawValue)| {
        let listed: Listed<'a> = serde_json::from_str(text.get()).ok()?;
        Some((at, graph.context(&listed.context)?, listed.params.map_or("{}", RawValue::get)))
    };
    listed.filter_map(read).collect()
}

fn check_number(entries: usize) -> Result<()> {
    match entries {
        0 => Err(Error::bad_request("a batch names its entries: `e=context;name=value`")),
        1..=MAX_ENTRIES => Ok(()),
        _ => Err(Error::bad_request(format!("a batch has at most {MAX_ENTRIES} entries"))),
    }
}

fn batched(graph: &Graph, name: &str) -> Result<ContextId> {
    let context = graph.context(name);
    let context = context.ok_or_else(|| Error::not_found("no such context"))?;
    if !graph.is_batched(context) {
        return Err(Error::bad_request(
            "a member or a guard of this context sees the whole request: read it by a GET of its own",
        ));
    }
    Ok(context)
}

fn of_text(graph: &Graph, text: &str) -> Result<(ContextId, Params)> {
    let malformed = || Error::bad_request("an entry is `context;name=value`, percent-encoded");
    let mut targets = invalidate_header::parse(text).map_err(|_| malformed())?;
    let (Some(target), true) = (targets.pop(), targets.is_empty()) else {
        return Err(malformed());
    };
    let context = batched(graph, &target.context)?;
    Ok((context, Params::Query(query(&graph[context], &target)?)))
}

/// The query with these texts. A name that is not a parameter of the context is left out: `mizan.only` too.
fn query(context: &ContextNode, target: &HeaderTarget) -> Result<String> {
    let mut query = String::new();
    for (name, text) in &target.params {
        let Some(param) = context.params.iter().find(|param| *param.name == **name) else {
            continue;
        };
        if param.form.shape == Shape::Scalar {
            push(&mut query, name, text);
            continue;
        }
        let texts: Vec<String> = serde_json::from_str(text)
            .map_err(|_| Error::field(name.clone(), "a list is the JSON array of its texts"))?;
        if texts.is_empty() {
            push(&mut query, &format!("{name}[]"), "");
        }
        texts.iter().for_each(|text| push(&mut query, name, text));
    }
    Ok(query)
}

/// The query with these values, which a page would have sent.
pub(super) fn query_of(params: &Map<String, Value>) -> String {
    let mut query = String::new();
    for (name, value) in params {
        let texts = |value: &Value| mizan_schema::text_of(value).map(Cow::into_owned);
        match value {
            Value::Null => {}
            Value::Array(elements) if elements.is_empty() => {
                push(&mut query, &format!("{name}[]"), "");
            }
            Value::Array(elements) => {
                elements.iter().filter_map(texts).for_each(|text| push(&mut query, name, &text));
            }
            value => texts(value).iter().for_each(|text| push(&mut query, name, text)),
        }
    }
    query
}

/// The text of the parameters in a body, if no list in it is too long.
fn checked(text: &str) -> Result<String> {
    let params: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| Error::bad_request("`params` must be an object"))?;
    let is_long = |value: &Value| value.as_array().is_some_and(|list| list.len() > MAX_ELEMENTS);
    match params.into_iter().find(|(_, value)| is_long(value)) {
        Some((name, _)) => {
            let message = format!("a list has at most {MAX_ELEMENTS} elements");
            Err(Error::field(name, message))
        }
        None => Ok(text.to_owned()),
    }
}

fn push(query: &mut String, name: &str, text: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    push_component(query, name);
    query.push('=');
    push_component(query, text);
}

//! The entries of a batch as they are asked for: `e=context;name=value`, in the grammar of `X-Mizan-Invalidate`.

use std::borrow::Cow;

use crate::args::{Pairs, QueryValue, Shape};
use crate::error::{Error, Result};
use crate::graph::{ContextId, ContextNode, Graph};
use crate::invalidate::invalidate_header::{self, HeaderTarget};
use crate::percent::push_component;

/// At most so many entries are read by one request.
pub(super) const MAX_ENTRIES: usize = 64;

/// One entry that is asked for.
pub(super) struct Asked {
    /// Where it is in the list; several where it is there more than once.
    pub(super) at: Vec<usize>,
    /// What its own GET would ask for, or why there is none.
    pub(super) read: Result<(ContextId, String)>,
}

/// Takes the query of a batch apart. An entry that is there twice is read once.
///
/// # Errors
/// `BAD_REQUEST` where there is none, or more than [`MAX_ENTRIES`].
pub(super) fn asked(graph: &Graph, query: &str, limit: usize) -> Result<Vec<Asked>> {
    let pairs = Pairs::split(query, limit)
        .ok_or_else(|| Error::bad_request(format!("the query has more than {limit} parameters")))?;
    let texts: Vec<_> = pairs.value("e").into_iter().flat_map(QueryValue::texts).collect();
    if texts.is_empty() {
        return Err(Error::bad_request("a batch names its entries: `e=context;name=value`"));
    }
    if texts.len() > MAX_ENTRIES {
        return Err(Error::bad_request(format!("a batch has at most {MAX_ENTRIES} entries")));
    }
    let mut known: Vec<(Cow<'_, str>, Asked)> = Vec::with_capacity(texts.len());
    for (at, text) in texts.into_iter().enumerate() {
        let text = text.unwrap_or(Cow::Borrowed(""));
        match known.iter_mut().find(|(one, _)| *one == text) {
            Some((_, asked)) => asked.at.push(at),
            None => {
                let read = read(graph, &text);
                known.push((text, Asked { at: vec![at], read }));
            }
        }
    }
    Ok(known.into_iter().map(|(_, asked)| asked).collect())
}

/// The context of an entry, and the query of its own GET.
fn read(graph: &Graph, text: &str) -> Result<(ContextId, String)> {
    let malformed = || Error::bad_request("an entry is `context;name=value`, percent-encoded");
    let mut targets = invalidate_header::parse(text).map_err(|_| malformed())?;
    let (Some(target), true) = (targets.pop(), targets.is_empty()) else {
        return Err(malformed());
    };
    let context = graph.context(&target.context);
    let context = context.ok_or_else(|| Error::not_found("no such context"))?;
    if !graph.is_batched(context) {
        return Err(Error::bad_request(
            "a member or a guard of this context sees the whole request: read it by a GET of its own",
        ));
    }
    Ok((context, query(&graph[context], &target)?))
}

/// The query with these texts. A name that is no parameter of the context is left out: `mizan.only` too.
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

fn push(query: &mut String, name: &str, text: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    push_component(query, name);
    query.push('=');
    push_component(query, text);
}

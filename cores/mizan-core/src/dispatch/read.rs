//! The life of a read: guards of every member, typed parameters, members side by side, one bundle.

use std::sync::Arc;

use bytes::Bytes;

use super::join::Join;
use super::{decode, start, write};
use crate::args::{Pairs, Source};
use crate::error::{Error, Faults, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{ContextNode, FunctionNode, Graph};
use crate::http::{CacheStatus, Response};
use crate::registry::Inner;
use crate::request::RawRequest;
use crate::runtime::Runtime;

/// The reserved parameter that asks for one member of a bundle.
const ONLY: &str = "mizan.only";

type Member<'g> = (&'g FunctionNode, Box<dyn Decoded>);

/// Answers `GET ctx/<context>/`.
pub(crate) async fn read(
    inner: &Inner,
    position: usize,
    query: &str,
    request: &Arc<RawRequest>,
) -> Result<Response> {
    let (graph, limits, runtime) = (&inner.graph, &inner.limits, &inner.runtime);
    let context = &graph.contexts[position];
    let pairs = Pairs::split(query, limits.params).ok_or_else(|| {
        Error::bad_request(format!("the query has more than {} parameters", limits.params))
    })?;
    let (members, whole) = plan(graph, context, &pairs, request).await?;
    let Some(caching) = &inner.caching else {
        return run(members, request, runtime).await.map(Response::json);
    };
    let decoded = members.iter().map(|(_, decoded)| &**decoded);
    let entry = match whole {
        true => caching.entry(graph, position, decoded, request.user()),
        false => None,
    };
    if let Some(body) = entry.as_ref().and_then(|entry| caching.glance(entry)) {
        return Ok(cached(body, CacheStatus::Hit));
    }
    let running = run(members, request, runtime);
    let (body, status) = match entry {
        Some(entry) => {
            let (body, outcome) = caching.read(entry, Box::pin(running)).await;
            (body, outcome.into())
        }
        None => {
            caching.bypass();
            (running.await, CacheStatus::Bypass)
        }
    };
    Ok(cached(body?, status))
}

fn cached(body: Bytes, status: CacheStatus) -> Response {
    let mut reply = Response::json(body);
    reply.cache = Some(status);
    reply
}

/// Runs the members side by side.
async fn run(
    members: Vec<Member<'_>>,
    request: &Arc<RawRequest>,
    runtime: &Runtime,
) -> Result<Bytes> {
    let plans: Vec<&FunctionNode> = members.iter().map(|(plan, _)| *plan).collect();
    let mut running =
        members.into_iter().map(|(plan, decoded)| start(plan, decoded, request, runtime));
    let body = match plans[..] {
        // A bundle of one is common, and needs no join.
        [plan] => match running.next() {
            Some(only) => bundle([(plan, only.await)]),
            None => bundle([]),
        },
        _ => {
            let outcomes = Join::new(running).await;
            bundle(plans.into_iter().zip(outcomes))
        }
    };
    body.map(Bytes::from)
}

/// Checks guards, then parameters; what is left are the members to run, and whether those are all.
async fn plan<'g>(
    graph: &'g Graph,
    context: &'g ContextNode,
    pairs: &Pairs<'_>,
    request: &Arc<RawRequest>,
) -> Result<(Vec<Member<'g>>, bool)> {
    let all = context.members.iter().map(|at| &graph.functions[*at]);
    let only = pairs.first(ONLY);
    if only.is_none() && pairs.value(ONLY).is_some() {
        return Err(Error::field(ONLY, "broken percent-encoding or not UTF-8"));
    }
    if let Some(only) = &only
        && !all.clone().any(|plan| plan.function.name == **only)
    {
        return Err(Error::not_found("no such member of the context"));
    }
    let wanted =
        |plan: &&FunctionNode| only.as_ref().is_none_or(|only| plan.function.name == **only);
    for plan in all.clone().filter(wanted) {
        if let Some(guard) = &plan.function.auth {
            guard.check(request).await?;
        }
    }
    if context.members.iter().any(|at| graph.functions[*at].function.websocket) {
        return Err(Error::not_implemented("this context is read over the WebSocket"));
    }
    let mut faults = Faults::default();
    let mut members = Vec::with_capacity(context.members.len());
    for plan in all {
        // Every member reads its parameters, so that one that is not wanted still checks them.
        let decoded = decode(plan, Source::Query(pairs), &mut faults)?;
        members.extend(decoded.filter(|_| wanted(&plan)).map(|decoded| (plan, decoded)));
    }
    match faults.is_empty() {
        true => Ok((members, only.is_none())),
        false => Err(faults.into_error()),
    }
}

/// Writes the bundle; it fails whole, with the error of the first failing member by name.
fn bundle<'g>(
    outcomes: impl IntoIterator<Item = (&'g FunctionNode, Result<Outcome>)>,
) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(256);
    body.push(b'{');
    for (plan, outcome) in outcomes {
        let name = &plan.function.name;
        let Outcome::Value(value) = outcome? else {
            return Err(Error::internal(format!("`{name}` answered with a view in a bundle")));
        };
        if body.len() > 1 {
            body.push(b',');
        }
        body.push(b'"');
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        write(plan, &*value, &mut body)?;
    }
    body.push(b'}');
    Ok(body)
}

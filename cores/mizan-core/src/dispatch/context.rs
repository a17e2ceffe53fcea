//! The life of a read: guards of every member, typed parameters, members side by side, one bundle.

use std::sync::Arc;

use super::join::Join;
use super::{decode, start, write};
use crate::args::{Pairs, Source};
use crate::error::{Error, Faults, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{ContextPlan, FunctionPlan, Graph};
use crate::http::Reply;
use crate::registry::Limits;
use crate::request::RawRequest;
use crate::runtime::Runtime;

/// The reserved parameter that asks for one member of a bundle.
const ONLY: &str = "mizan.only";

type Member<'g> = (&'g FunctionPlan, Box<dyn Decoded>);

/// Answers `GET ctx/<context>/`.
pub(crate) async fn read(
    graph: &Graph,
    context: &ContextPlan,
    query: &str,
    request: &Arc<RawRequest>,
    runtime: &Runtime,
    limits: &Limits,
) -> Result<Reply> {
    let pairs = Pairs::split(query, limits.params).ok_or_else(|| {
        Error::bad_request(format!("the query has more than {} parameters", limits.params))
    })?;
    let members = plan(graph, context, &pairs, request).await?;
    let plans: Vec<&FunctionPlan> = members.iter().map(|(plan, _)| *plan).collect();
    let mut running =
        members.into_iter().map(|(plan, decoded)| start(plan, decoded, request, runtime));
    match plans[..] {
        // A bundle of one is common, and needs no join.
        [plan] => match running.next() {
            Some(only) => bundle([(plan, only.await)]),
            None => bundle([]),
        },
        _ => {
            let outcomes = Join::new(running).await;
            bundle(plans.into_iter().zip(outcomes))
        }
    }
}

/// Checks guards, then parameters; what is left are the members to run.
async fn plan<'g>(
    graph: &'g Graph,
    context: &'g ContextPlan,
    pairs: &Pairs<'_>,
    request: &Arc<RawRequest>,
) -> Result<Vec<Member<'g>>> {
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
        |plan: &&FunctionPlan| only.as_ref().is_none_or(|only| plan.function.name == **only);
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
        true => Ok(members),
        false => Err(faults.into_error()),
    }
}

/// Writes the bundle; it fails whole, with the error of the first failing member by name.
fn bundle<'g>(
    outcomes: impl IntoIterator<Item = (&'g FunctionPlan, Result<Outcome>)>,
) -> Result<Reply> {
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
    Ok(Reply::json(body))
}

//! The life of a call: guard, arguments, targets, the function to its end, the reply.

use std::sync::Arc;

use mizan_schema::Merge;
use serde_json::Value;

use super::detach::LiveGuard;
use super::{catch, decode, panicked, start, write};
use crate::args::{Envelope, Source};
use crate::error::{Error, Faults, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{FunctionPlan, Graph, MergePlan};
use crate::http::Reply;
use crate::invalidate::Invalidation;
use crate::output::Ready;
use crate::registry::Observer;
use crate::request::RawRequest;
use crate::runtime::Runtime;

/// A call that has passed every check: from here on it runs to its end.
pub(crate) struct CallPlan {
    graph: Arc<Graph>,
    function: usize,
    decoded: Box<dyn Decoded>,
    invalidation: Invalidation,
}

impl CallPlan {
    /// Finds the function, asks its guard, reads its arguments and computes its targets. A call
    /// that is refused here has touched nothing.
    pub(crate) async fn read(
        graph: &Arc<Graph>,
        body: &[u8],
        request: &Arc<RawRequest>,
        depth: usize,
    ) -> Result<Self> {
        let envelope = Envelope::read(body, depth)?;
        // A private function is not told apart from one that does not exist.
        let found = graph.function(&envelope.function);
        let found = found.filter(|position| !graph.functions[*position].function.private);
        let function = found.ok_or_else(|| Error::not_found("no such function"))?;
        let plan = &graph.functions[function];
        if let Some(guard) = &plan.function.auth {
            guard.check(request).await?;
        }
        if plan.function.websocket {
            return Err(Error::not_implemented("this function is called over the WebSocket"));
        }
        let mut faults = Faults::default();
        let decoded = decode(plan, Source::Json(envelope.args), &mut faults)?;
        let Some(decoded) = decoded.filter(|_| faults.is_empty()) else {
            return Err(faults.into_error());
        };
        let scoped = || Invalidation::of(plan, &*decoded);
        let invalidation = catch(scoped).map_err(|panic| panicked(plan, &panic))?;
        Ok(Self { graph: Arc::clone(graph), function, decoded, invalidation })
    }
}

/// Runs a planned call to its end and writes the reply. `_live` counts it until then.
pub(crate) async fn call(
    plan: CallPlan,
    request: Arc<RawRequest>,
    runtime: Runtime,
    observer: Option<Observer>,
    _live: LiveGuard,
) -> Reply {
    let function = &plan.graph.functions[plan.function];
    let outcome = start(function, plan.decoded, &request, &runtime).await;
    let invalidation = plan.invalidation;
    if let Some(observer) = observer.filter(|_| !function.touched.is_empty())
        && let Err(panic) = catch(|| observer(&invalidation.targets(function)))
    {
        tracing::error!(panic, "an observer of invalidations panicked");
    }
    let written = match outcome {
        Ok(Outcome::View(view)) => {
            let header = if view.announces() { invalidation.header } else { String::new() };
            return with_header(Reply::view(view), header);
        }
        Ok(Outcome::Value(value)) => body(function, &*value, &invalidation),
        Err(error) => Err(error),
    };
    match written {
        Ok(body) => with_header(Reply::json(body), invalidation.header),
        // A function that ran may have changed something before it failed.
        Err(error) => {
            let reply = Reply::error_with(error, invalidation.targets(function));
            with_header(reply, invalidation.header)
        }
    }
}

fn with_header(mut reply: Reply, header: String) -> Reply {
    reply.invalidate = (!header.is_empty()).then_some(header);
    reply
}

/// Writes `{"result", "invalidate"?, "merge"?}`.
fn body(
    function: &FunctionPlan,
    value: &dyn Ready,
    invalidation: &Invalidation,
) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(256);
    body.extend_from_slice(b"{\"result\":");
    let start = body.len();
    write(function, value, &mut body)?;
    let end = body.len();
    if !function.effects.is_empty() {
        body.extend_from_slice(b",\"invalidate\":");
        invalidation.write_affected(function, &mut body)?;
    }
    if !function.merges.is_empty() {
        let result: Value = serde_json::from_slice(&body[start..end])?;
        let entry = |plan: &MergePlan| Merge {
            context: plan.effect.context.to_string(),
            slot: plan.slot.to_string(),
            params: invalidation.merged(function, &plan.effect.context).params,
            value: result.clone(),
            mode: plan.mode,
            key: plan.key.clone(),
        };
        body.extend_from_slice(b",\"merge\":");
        let merges: Vec<Merge> = function.merges.iter().map(entry).collect();
        serde_json::to_writer(&mut body, &merges)?;
    }
    body.push(b'}');
    Ok(body)
}

//! The life of a call: guard, arguments, targets, the function to its end, the reply.

use std::sync::Arc;

use mizan_schema::{Merge, Target};
use serde_json::Value;

use super::detach::LiveGuard;
use super::{catch, decode, panicked, start, write};
use crate::args::{Envelope, Pairs, Source};
use crate::cache::{AnyMarks, Caching, Ended};
use crate::error::{Error, Faults, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{FunctionNode, Graph, MergeNode};
use crate::http::{CacheStatus, Response};
use crate::invalidate::{Changes, Invalidation, header_of};
use crate::output::Ready;
use crate::registry::Mizan;
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
        Self::admit(graph, function, request).await?;
        Self::of(graph, function, Source::Json(envelope.args, &Pairs::NONE), &[])
    }

    /// Asks the guard of a function.
    pub(crate) async fn admit(
        graph: &Graph,
        function: usize,
        request: &Arc<RawRequest>,
    ) -> Result<()> {
        let plan = &graph.functions[function];
        if let Some(guard) = &plan.function.auth {
            guard.check(request).await?;
        }
        match plan.function.websocket {
            true => Err(Error::not_implemented("this function is called over the WebSocket")),
            false => Ok(()),
        }
    }

    /// Reads the arguments of a function and computes its targets. A fault in one of `parts`, which
    /// stand in the path, is a 404.
    pub(crate) fn of(
        graph: &Arc<Graph>,
        function: usize,
        source: Source<'_>,
        parts: &[&str],
    ) -> Result<Self> {
        let plan = &graph.functions[function];
        let mut faults = Faults::default();
        let decoded = decode(plan, source, &mut faults)?;
        let Some(decoded) = decoded.filter(|_| faults.is_empty()) else {
            return Err(match faults.concern(parts) {
                true => Error::not_found("there is nothing at this path"),
                false => faults.into_error(),
            });
        };
        let scoped = || Invalidation::of(plan, &*decoded);
        let invalidation = catch(scoped).map_err(|panic| panicked(plan, &panic))?;
        Ok(Self { graph: Arc::clone(graph), function, decoded, invalidation })
    }

    /// Whether the function declares no change.
    pub(crate) fn changes_nothing(&self) -> bool {
        self.graph.functions[self.function].touched.is_empty()
    }
}

/// Runs a planned function that declares no change, for a page. Dropped, it stops.
pub(crate) async fn show(plan: CallPlan, request: Arc<RawRequest>, runtime: &Runtime) -> Response {
    let function = &plan.graph.functions[plan.function];
    let outcome = start(function, plan.decoded, &request, runtime).await;
    let mut reply = reply(function, outcome, plan.invalidation, None, false);
    reply.set_cookie = request.cookies();
    reply
}

/// Runs a planned call to its end and writes the reply. `_live` counts it until then.
pub(crate) async fn call(
    plan: CallPlan,
    request: Arc<RawRequest>,
    mizan: Mizan,
    _live: LiveGuard,
) -> Response {
    let CallPlan { graph, function: position, decoded, invalidation } = plan;
    let function = &graph.functions[position];
    // Marked before anything can change. Where that fails, the function does not run.
    let cache = match begin(&mizan, function, &invalidation).await {
        Ok(cache) => cache,
        Err(error) => return Response::error(error),
    };
    let changes = Arc::new(Changes::new(Arc::clone(&graph), position, cache.clone()));
    let request = Arc::new(request.running(Arc::clone(&changes)));
    let outcome = start(function, decoded, &request, &mizan.0.runtime).await;
    let degraded = match &cache {
        Some((_, marks)) => marks.end().await == Ended::Degraded,
        None => false,
    };
    let said = changes.heard();
    let targets = said.map(|said| {
        let declared = said.narrowed.unwrap_or_else(|| invalidation.targets(function));
        declared.into_iter().chain(said.more).collect::<Vec<Target>>()
    });
    match &targets {
        Some(targets) => mizan.observed(targets),
        None if mizan.0.observer.is_some() && !function.touched.is_empty() => {
            mizan.observed(&invalidation.targets(function))
        }
        None => {}
    }
    let session = request.has_changed_session();
    let mut reply = reply(function, outcome, invalidation, targets, session);
    reply.cache = degraded.then_some(CacheStatus::Degraded);
    reply.set_cookie.extend(request.cookies());
    reply
}

type Marked = (Arc<Caching>, Arc<dyn AnyMarks>);

async fn begin(
    mizan: &Mizan,
    function: &FunctionNode,
    invalidation: &Invalidation,
) -> Result<Option<Marked>> {
    let Some(caching) = &mizan.0.caching else { return Ok(None) };
    let scopes = caching.scopes(&mizan.0.graph, function, invalidation);
    Ok(Some((Arc::clone(caching), caching.begin(scopes).await?)))
}

/// Writes the reply. `targets` are what stands for the declared ones, where the function said so;
/// `session` is whether somebody was signed in or out.
fn reply(
    function: &FunctionNode,
    outcome: Result<Outcome>,
    invalidation: Invalidation,
    mut targets: Option<Vec<Target>>,
    session: bool,
) -> Response {
    let header = match &mut targets {
        Some(targets) => header_of(targets),
        None => invalidation.header.clone(),
    };
    let written = match outcome {
        Ok(Outcome::View(view)) => {
            let header = if view.announces() { header } else { String::new() };
            return with_header(view.into_reply(), header);
        }
        Ok(Outcome::Value(value)) => {
            body(function, &*value, &invalidation, targets.as_deref(), session)
        }
        Err(error) => Err(error),
    };
    match written {
        Ok(body) => with_header(Response::json(body), header),
        // A function that ran may have changed something before it failed.
        Err(error) => {
            let targets = targets.unwrap_or_else(|| invalidation.targets(function));
            with_header(Response::error_with(error, targets, session), header)
        }
    }
}

fn with_header(mut reply: Response, header: String) -> Response {
    reply.invalidate = (!header.is_empty()).then_some(header);
    reply
}

/// Writes `{"result", "invalidate"?, "merge"?, "session"?}`.
fn body(
    function: &FunctionNode,
    value: &dyn Ready,
    invalidation: &Invalidation,
    targets: Option<&[Target]>,
    session: bool,
) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(256);
    body.extend_from_slice(b"{\"result\":");
    let start = body.len();
    write(function, value, &mut body)?;
    let end = body.len();
    if let Some(targets) = targets {
        body.extend_from_slice(b",\"invalidate\":");
        serde_json::to_writer(&mut body, targets)?;
    } else if !function.effects.is_empty() {
        body.extend_from_slice(b",\"invalidate\":");
        invalidation.write_affected(function, &mut body)?;
    }
    if !function.merges.is_empty() {
        let result: Value = serde_json::from_slice(&body[start..end])?;
        let entry = |plan: &MergeNode| Merge {
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
    if session {
        body.extend_from_slice(b",\"session\":\"changed\"");
    }
    body.push(b'}');
    Ok(body)
}

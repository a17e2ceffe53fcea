//! The life of a call: `POST call/`, a request by route, or a change of the session.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mizan_schema::Target;

use super::batch;
use super::body::Pending;
use super::finish;
use super::once::{Keyed, keep, once};
use super::page::{fill, kept};
use super::rates::Sent;
use super::refresh::{Refresh, Refreshed};
use super::routed::Routed;
use crate::accounts::{Access, Caller};
use crate::args::{Envelope, Pairs, Source};
use crate::dispatch::{Ended, Known, Planned, WatchedCall, argument_json, guard};
use crate::error::{Error, Result};
use crate::graph::{FunctionId, Graph};
use crate::head::RequestParts;
use crate::http::{Provenance, Response};
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::request::RawRequest;
use crate::task::{Detach, Held};

/// What a request with a body is for, or one by route.
#[derive(Debug)]
pub(super) enum Purpose {
    Call,
    /// A batch of reads that does not fit a URL.
    Batch,
    Route(Routed),
    Session(SessionStep),
}

/// What is asked of a session.
#[derive(Debug, Clone, Copy)]
pub(super) enum SessionStep {
    Tokens,
    Refresh,
    EdgeToken,
    SignOut,
}

/// Where a request comes from and who sends it.
pub(super) struct Sender {
    pub(super) parts: Option<RequestParts>,
    /// `None` for a page, which needs no proof.
    pub(super) provenance: Option<Provenance>,
    pub(super) known: Option<Identity>,
    pub(super) address: Option<IpAddr>,
    /// The header `Idempotency-Key` of a call, where some function is idempotent.
    pub(super) key: Option<Box<[u8]>>,
}

/// Every stage of a call, in order: who is calling, and then what they ask for.
pub(super) async fn call(pending: Box<Pending>, body: &[u8]) -> Response {
    if matches!(pending.purpose, Purpose::Batch) {
        return batch::posted(pending, body).await;
    }
    let Pending { mizan, purpose, sender, .. } = *pending;
    let Sender { parts, provenance, known, address, key } = sender;
    let identity = known.clone();
    let shown = match purpose {
        Purpose::Route(_) => Bytes::copy_from_slice(body),
        _ => Bytes::new(),
    };
    let (request, caller) = match mizan.identify(parts, Access::Other, known, shown).await {
        Ok(known) => known,
        Err(error) => return Response::error(error),
    };
    let proof = provenance.as_ref();
    let from = From { request: &request, sent: Sent { caller: &caller, address }, known: identity };
    let response = stages(&mizan, &purpose, (proof, key.as_deref()), from, body).await;
    match purpose {
        Purpose::Session(_) => finish(response, &request).with_secrets(),
        _ => mizan.0.page_headers.complete(finish(response, &request)),
    }
}

/// Who calls.
pub(super) struct From<'a> {
    pub(super) request: &'a Arc<RawRequest>,
    pub(super) sent: Sent<'a>,
    /// Who is known without being asked for: in tests.
    pub(super) known: Option<Identity>,
}

/// A call that has ended, or a page.
pub(super) struct Done {
    pub(super) response: Response,
    /// What is kept of it under a key: `None` where the call has had no effect.
    pub(super) kept: Option<Bytes>,
    /// The place of a call with a key, until its response is kept.
    _place: Option<Held>,
}

/// How long a caller waits.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// As long as the function says. A call that goes on has no response then.
    OfFunction,
    /// As long as the call runs: its response is kept. In this time what its page holds may be read.
    ToTheEnd(Duration),
}

/// The stages of a call whose sender is known, up to its function.
async fn stages(
    mizan: &Mizan,
    purpose: &Purpose,
    (provenance, key): (Option<&Provenance>, Option<&[u8]>),
    from: From<'_>,
    body: &[u8],
) -> Result<Response> {
    let (graph, limits) = (&mizan.0.graph, &mizan.0.limits);
    let From { request, sent, .. } = from;
    prove(mizan, purpose, provenance, request, body)?;
    let arguments = match purpose {
        Purpose::Session(step) => {
            mizan.count_session(sent).await?;
            // It is a change too, though no function declares it.
            let _watched = WatchedCall::begin(mizan);
            return session(mizan, *step, body, (request, sent.caller)).await;
        }
        Purpose::Call => Arguments::of_call(graph, body, limits.depth)?,
        Purpose::Route(routed) => Arguments::Routed(routed),
        Purpose::Batch => return Err(Error::internal("a batch is not a call")),
    };
    if let (Some(key), Arguments::Json(function, envelope)) = (key, &arguments)
        && graph[*function].function.idempotent
    {
        let keyed = Keyed { key, provenance, function: *function, args: envelope.args };
        return Box::pin(once(mizan, keyed, from, body)).await;
    }
    let is_page = provenance.is_none();
    let done = run(mizan, &arguments, is_page, from, (body, Patience::OfFunction)).await?;
    Ok(done.response)
}

/// The stages of a function that is called. A call that is refused before it begins has touched nothing, and is an
/// error here; from there on one that changes something runs to its end, even if its caller goes away.
pub(super) async fn run(
    mizan: &Mizan,
    arguments: &Arguments<'_>,
    is_page: bool,
    From { request, sent, known }: From<'_>,
    (body, patience): (&[u8], Patience),
) -> Result<Done> {
    let (graph, limits) = (&mizan.0.graph, &mizan.0.limits);
    let node = &graph[arguments.function()];
    let value = |at| arguments.value(mizan, body, at);
    mizan.count_call(node, is_page, sent, value).await?;
    guard(node, request).await?;
    let planned = arguments.decode(mizan, body)?;
    if is_page && planned.changes_nothing() {
        let response = show(mizan, planned, (request, known), arguments).await?;
        return Ok(Done { response, kept: None, _place: None });
    }
    let place = mizan.place(arguments.function(), request.user().is_none())?;
    // By a route a machine may not wait for its response.
    let is_detached = planned.is_detached() || matches!(arguments, Arguments::Routed(_));
    let used = Arc::clone(request);
    let goes_on = move || is_detached || used.has_used_session() || used.has_named_changes();
    let (own, caller) = (mizan.clone(), Arc::clone(request));
    let (runtime, timeout) = (mizan.0.runtime.clone(), node.function.timeout);
    let timeout = timeout.unwrap_or(limits.call_timeout);
    let mounted = arguments.mounted();
    let has_mounted = !mounted.is_empty();
    let called = has_mounted.then(Instant::now);
    let kept_place = match patience {
        Patience::OfFunction => None,
        Patience::ToTheEnd(_) => Some(Arc::clone(&place)),
    };
    let whole = Box::pin(async move {
        let (mizan, request) = (own, caller);
        let watched = WatchedCall::begin(&mizan);
        let begun = planned.begin(mizan.0.cache.as_ref()).await?;
        let ran = begun.run(&request, (&mizan.0.runtime, Arc::clone(&place))).await;
        let ended = ran.end().await;
        watched.end(&mizan, &ended);
        let stale = if has_mounted { ended.refreshable(&request) } else { Vec::new() };
        let ended = ended.announce(&mizan);
        drop(place);
        Ok((ended, stale))
    });
    let ((ended, stale), time) = match patience {
        Patience::ToTheEnd(time) => (whole.await?, time),
        Patience::OfFunction => {
            let waited = tokio::time::timeout(timeout, Detach::new(whole, &goes_on, runtime)).await;
            let late = |_| Err(if goes_on() { goes_on_alone() } else { was_stopped() });
            (waited.unwrap_or_else(late)?, timeout)
        }
    };
    let is_unchanged = ended.is_unchanged();
    let shower = known.clone();
    let refreshed = if stale.is_empty() {
        Refreshed::default()
    } else {
        let time = time.saturating_sub(called.map(|called| called.elapsed()).unwrap_or_default());
        Box::pin(Refresh { mounted, stale, request, known, time }.read(mizan)).await
    };
    let ended = fill(mizan, ended, (request, shower)).await;
    // Read again only where the function has named targets, which is rare.
    let argument = |at| arguments.value(mizan, body, at);
    let knows = Known::new((graph, node), &argument, &refreshed.held);
    let (inner, knows) = (&mizan.0, |target: &Target| knows.has(target));
    let write = |ended: Ended| ended.write(inner.cache_status, request, knows, inner.has_edge);
    let response = ended.write(write);
    let kept = (kept_place.is_some() && !is_unchanged).then(|| keep(&response));
    Ok(Done { response: refreshed.add_to(response), kept, _place: kept_place })
}

/// Runs a function that changes nothing, for a page: kept, or of this request alone.
async fn show(
    mizan: &Mizan,
    planned: Planned,
    (request, known): (&Arc<RawRequest>, Option<Identity>),
    arguments: &Arguments<'_>,
) -> Result<Response> {
    if let Arguments::Routed(Routed { function, wanted: Some(wanted), .. }) = arguments {
        return kept(mizan, (*function, planned), wanted).await;
    }
    let ended = planned.show(request, &mizan.0.runtime).await;
    let ended = fill(mizan, ended, (request, known)).await;
    Ok(ended.write(|ended| ended.write(false, request, |_| false, false)))
}

/// The error of a call whose caller has waited for as long as they may.
pub(super) fn goes_on_alone() -> Error {
    Error::unavailable("the call goes on, and takes longer than this connection waits")
}

fn was_stopped() -> Error {
    Error::unavailable("the call has taken too long, and was stopped")
}

/// Refuses a write from another site, unless a verified bearer token proves that its sender chose to
/// send it.
fn prove(
    mizan: &Mizan,
    purpose: &Purpose,
    provenance: Option<&Provenance>,
    request: &RawRequest,
    body: &[u8],
) -> Result<()> {
    let by_bearer = request.user().is_some_and(Identity::is_proved_by_bearer);
    let Some(provenance) = provenance.filter(|_| !by_bearer) else { return Ok(()) };
    let field = match purpose {
        Purpose::Route(routed) => routed.csrf_field(body),
        _ => None,
    };
    mizan.0.csrf.check(provenance, field.as_deref())
}

/// A function with its arguments as they were sent.
pub(super) enum Arguments<'a> {
    Json(FunctionId, Envelope<'a>),
    Routed(&'a Routed),
}

impl<'a> Arguments<'a> {
    /// Takes the body of `call/` apart and finds the function.
    pub(super) fn of_call(graph: &Graph, body: &'a [u8], depth: usize) -> Result<Self> {
        let envelope = Envelope::read(body, depth)?;
        // A private function is not distinguished from one that does not exist.
        let found = graph.function(&envelope.function);
        let found = found.filter(|id| !graph[*id].function.private);
        let function = found.ok_or_else(|| Error::not_found("no such function"))?;
        Ok(Self::Json(function, envelope))
    }

    /// The text of what the page holds, or empty.
    fn mounted(&self) -> &'a str {
        match self {
            Self::Json(_, envelope) => envelope.mounted,
            Self::Routed(_) => "",
        }
    }

    fn function(&self) -> FunctionId {
        match self {
            Self::Json(function, _) => *function,
            Self::Routed(routed) => routed.function,
        }
    }

    /// One argument as JSON; `None` where it cannot be read.
    fn value(&self, mizan: &Mizan, body: &[u8], index: usize) -> Option<Vec<u8>> {
        let node = &mizan.0.graph[self.function()];
        match self {
            Self::Json(_, envelope) => {
                argument_json(node, Source::Json(envelope.args, &Pairs::NONE), index)
            }
            Self::Routed(routed) => {
                let read = |source: Source<'_>, _: &[&str]| Ok(argument_json(node, source, index));
                routed.with_source(&mizan.0.limits, body, read).ok()?
            }
        }
    }

    fn decode(&self, mizan: &Mizan, body: &[u8]) -> Result<Planned> {
        let graph = &mizan.0.graph;
        match self {
            Self::Json(function, envelope) => {
                Planned::decode(graph, *function, Source::Json(envelope.args, &Pairs::NONE), &[])
            }
            Self::Routed(routed) => routed.decode(graph, &mizan.0.limits, body),
        }
    }
}

async fn session(
    mizan: &Mizan,
    step: SessionStep,
    body: &[u8],
    (request, caller): (&RawRequest, &Caller),
) -> Result<Response> {
    let Some(accounts) = &mizan.0.accounts else {
        return Err(Error::not_found("this server has no sessions of its own"));
    };
    match step {
        SessionStep::Tokens => accounts.issue(caller).await,
        SessionStep::Refresh => accounts.refresh(body).await,
        SessionStep::EdgeToken => accounts.edge_token(caller),
        // A caller who has no session is signed out already.
        SessionStep::SignOut => {
            request.session().sign_out().await?;
            Ok(Response::json("{}"))
        }
    }
}

//! Requests whose body is needed: calls, mutations by route, and what changes a session.

use std::sync::Arc;

use bytes::Bytes;

use super::routed::Entry;
use crate::accounts::{Access, Caller};
use crate::dispatch::{self, CallPlan, Detach};
use crate::error::{Error, Result};
use crate::http::{Grant, ProtocolHeader, Provenance, RequestHead, Response, header_text};
use crate::registry::Mizan;
use crate::request::{RawRequest, RequestParts};

/// What a request with a body is for.
#[derive(Debug)]
pub(super) enum Purpose {
    Call,
    Route(Entry),
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

/// A call whose body has not been read yet.
pub struct PendingBody {
    mizan: Mizan,
    parts: Option<RequestParts>,
    claim: Provenance,
    aim: Purpose,
    grant: Option<Grant>,
}

impl Mizan {
    pub(super) fn pending(&self, incoming: &dyn RequestHead, aim: Purpose) -> PendingBody {
        let (mizan, parts) = (self.clone(), self.parts(incoming));
        let claim = self.0.csrf.claim(incoming, !matches!(aim, Purpose::Route(_)));
        PendingBody { mizan, parts, claim, aim, grant: None }
    }

    /// A request whose body is JSON and nothing else.
    pub(super) fn pending_json(
        &self,
        incoming: &dyn RequestHead,
        aim: Purpose,
    ) -> Result<PendingBody> {
        if !media_type(incoming).eq_ignore_ascii_case("application/json") {
            return Err(Error::unsupported_media_type("the body of a call is `application/json`"));
        }
        self.check_length(incoming)?;
        Ok(self.pending(incoming, aim))
    }

    /// Refuses a body that is announced as too large.
    pub(super) fn check_length(&self, incoming: &dyn RequestHead) -> Result<()> {
        let length = header_text(incoming, ProtocolHeader::ContentLength);
        let length = length.and_then(|text| text.parse::<u64>().ok());
        match length.is_some_and(|length| length > self.0.limits.body as u64) {
            true => Err(self.too_large()),
            false => Ok(()),
        }
    }

    fn too_large(&self) -> Error {
        Error::payload_too_large(format!("the body is larger than {} bytes", self.0.limits.body))
    }

    async fn session_step(
        &self,
        step: SessionStep,
        body: &[u8],
        request: &RawRequest,
        caller: &Caller,
    ) -> Result<Response> {
        let Some(accounts) = &self.0.accounts else {
            return Err(Error::not_found("this server has no sessions of its own"));
        };
        match step {
            SessionStep::Tokens => accounts.issue(caller).await,
            SessionStep::Refresh => accounts.refresh(body).await,
            SessionStep::EdgeToken => accounts.edge_token(caller),
            // Somebody who has no session is signed out already.
            SessionStep::SignOut => {
                request.session().sign_out().await?;
                let mut reply = Response::json("{}");
                reply.set_cookie = request.cookies();
                Ok(reply)
            }
        }
    }

    /// Runs a call that has passed every check, to its end, whoever waits.
    pub(super) async fn run(&self, plan: CallPlan, request: Arc<RawRequest>) -> Result<Response> {
        let inner = &self.0;
        // Counted before the look, so that a stop either sees this call or is seen by it.
        let live = inner.live.enter();
        if self.is_closing() {
            return Err(Error::unavailable("the server is stopping"));
        }
        if inner.live.count() > inner.limits.calls {
            return Err(Error::unavailable("too many calls are under way"));
        }
        let work = dispatch::call(plan, request, self.clone(), live);
        let waiting = Detach::new(work, inner.runtime.clone());
        let waited = tokio::time::timeout(inner.limits.call_timeout, waiting).await;
        waited.map_err(|_| {
            Error::unavailable("the call goes on, and takes longer than this connection waits")
        })
    }
}

impl PendingBody {
    /// The most bytes that may be read of the body.
    pub fn body_limit(&self) -> usize {
        self.mizan.0.limits.body
    }

    /// The answer to a body that is larger.
    pub fn too_large(&self) -> Response {
        self.on(Response::error(self.mizan.too_large()))
    }

    /// The answer to a body that broke off or was not sent as its headers say.
    pub fn broken(&self) -> Response {
        self.on(Response::error(Error::bad_request("the body could not be read")))
    }

    /// Runs the call. The future may be dropped at any time: a call that has begun runs to its end.
    pub async fn run(mut self, body: impl AsRef<[u8]>) -> Response {
        let grant = self.grant.take();
        let reply = self.try_run(body.as_ref()).await.unwrap_or_else(Response::error);
        match grant {
            Some(grant) => grant.on(reply),
            None => reply,
        }
    }

    pub(super) fn granted(self, grant: Grant) -> Self {
        Self { grant: Some(grant), ..self }
    }

    fn on(&self, reply: Response) -> Response {
        match &self.grant {
            Some(grant) => grant.on(reply),
            None => reply,
        }
    }

    async fn try_run(self, body: &[u8]) -> Result<Response> {
        let Self { mizan, parts, claim, aim, .. } = self;
        let shown = matches!(aim, Purpose::Route(_)).then(|| Bytes::copy_from_slice(body));
        let (request, caller) = mizan.request(parts, Access::Other, shown).await?;
        if !request.user().is_some_and(crate::Identity::is_by_bearer) {
            let field = match &aim {
                Purpose::Route(entry) => entry.csrf_field(body),
                _ => None,
            };
            mizan.0.csrf.check(&claim, field.as_deref())?;
        }
        let (graph, limits) = (&mizan.0.graph, &mizan.0.limits);
        let plan = match aim {
            Purpose::Call => CallPlan::read(graph, body, &request, limits.depth).await,
            Purpose::Route(entry) => entry.plan(&mizan, body, &request).await,
            Purpose::Session(step) => {
                let reply = mizan.session_step(step, body, &request, &caller).await;
                return Ok(mizan.finish(reply, &caller));
            }
        };
        let reply = match plan {
            Ok(plan) => mizan.run(plan, request).await,
            Err(error) => Err(error),
        };
        Ok(mizan.finish(reply, &caller))
    }
}

/// The media type of a body, without its parameters.
pub(super) fn media_type(incoming: &dyn RequestHead) -> &str {
    let content_type = header_text(incoming, ProtocolHeader::ContentType).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim()
}

//! What to do with a request: the one entrance for every HTTP adapter.

mod pending;
mod routed;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::accounts::{Access, Caller, Handle};
use crate::dispatch;
use crate::error::{Error, Result};
use crate::graph::Found;
use crate::http::{Endpoint, RequestHead, Response, endpoint, parts};
use crate::registry::Mizan;
use crate::request::{RawRequest, RequestParts};

pub use pending::PendingBody;
use pending::{Purpose, SessionStep};

/// The next step of a request.
pub enum Next {
    /// The answer is known.
    Done(Response),
    /// The answer is this future's output.
    Run(Pin<Box<dyn Future<Output = Response> + Send>>),
    /// The body is needed first.
    NeedsBody(PendingBody),
}

impl Mizan {
    /// Decides what to do with a request: below the mount point, or at the path of a route. Never
    /// fails: a refusal is a reply, and so is a path where there is nothing.
    pub fn accept(&self, incoming: &dyn RequestHead) -> Next {
        let route = self.route(incoming.path());
        let cors = self.0.cors.as_ref().filter(|_| route.is_none());
        let grant = cors.and_then(|cors| cors.grant(&self.0.mount, incoming));
        let step = match grant.as_ref().and_then(|grant| grant.preflight(incoming)) {
            Some(reply) => Next::Done(reply),
            None => self
                .step(incoming, route)
                .unwrap_or_else(|error| Next::Done(Response::error(error))),
        };
        match (grant, step) {
            (None, step) => step,
            (Some(grant), Next::Done(reply)) => Next::Done(grant.on(reply)),
            (Some(grant), Next::Run(read)) => {
                Next::Run(Box::pin(async move { grant.on(read.await) }))
            }
            (Some(grant), Next::NeedsBody(pending)) => Next::NeedsBody(pending.granted(grant)),
        }
    }

    fn step(&self, incoming: &dyn RequestHead, route: Option<Found<'_, '_>>) -> Result<Next> {
        let limit = self.0.limits.uri;
        if incoming.path().len() + incoming.query().len() > limit {
            return Err(Error::bad_request(format!(
                "path and query are longer than {limit} bytes"
            )));
        }
        if let Some(found) = route {
            return self.routed(incoming, found);
        }
        let endpoint = self.endpoint(incoming.path());
        let endpoint = endpoint.ok_or_else(|| Error::not_found("there is nothing at this path"))?;
        let has_accounts = self.0.accounts.is_some();
        let session = |step| Ok(Next::NeedsBody(self.pending(incoming, Purpose::Session(step))));
        match (&endpoint, incoming.method()) {
            (Endpoint::Call, "POST") => {
                self.pending_json(incoming, Purpose::Call).map(Next::NeedsBody)
            }
            (Endpoint::Refresh, "POST") => {
                let aim = Purpose::Session(SessionStep::Refresh);
                self.pending_json(incoming, aim).map(Next::NeedsBody)
            }
            (Endpoint::Tokens, "POST") => session(SessionStep::Tokens),
            (Endpoint::EdgeToken, "POST") => session(SessionStep::EdgeToken),
            (Endpoint::Session, "DELETE") if has_accounts => session(SessionStep::SignOut),
            (Endpoint::Context(name), "GET" | "HEAD") => self.read(name, incoming),
            (Endpoint::Session, "GET" | "HEAD") => self.session(incoming).map(Next::Done),
            (Endpoint::Schema, "GET" | "HEAD") => {
                let document = serde_json::to_vec(&self.document()).map_err(Error::internal)?;
                Ok(Next::Done(Response::json(document)))
            }
            _ => Ok(Next::Done(Response::not_allowed(endpoint.allow(has_accounts)))),
        }
    }

    /// What the protocol itself answers at a path.
    pub(super) fn endpoint<'p>(&self, path: &'p str) -> Option<Endpoint<'p>> {
        let found = endpoint(&self.0.mount, path)?;
        let answered = match found {
            Endpoint::Schema => self.0.expose_schema,
            _ => self.0.accounts.is_some() || !found.needs_accounts(),
        };
        answered.then_some(found)
    }

    fn read(&self, name: &str, incoming: &dyn RequestHead) -> Result<Next> {
        let position = self.0.graph.context(name);
        let position = position.ok_or_else(|| Error::not_found("no such context"))?;
        let (mizan, query, parts) =
            (self.clone(), incoming.query().to_owned(), self.parts(incoming));
        Ok(Next::Run(Box::pin(async move {
            let inner = &mizan.0;
            let read = async {
                let (request, caller) = mizan.request(parts, Access::Read, None).await?;
                let mut reply = dispatch::read(inner, position, &query, &request).await;
                if let Ok(reply) = &mut reply {
                    reply.set_cookie = request.cookies();
                }
                Ok(mizan.finish(reply, &caller))
            };
            read.await.unwrap_or_else(Response::error)
        })))
    }

    fn session(&self, incoming: &dyn RequestHead) -> Result<Response> {
        let csrf = Arc::clone(&self.0.csrf);
        let handle = Handle::new(None, csrf, &Caller::default(), Access::Read);
        let token = handle.csrf_token(&incoming.headers());
        let body = serde_json::to_vec(&serde_json::json!({ "csrfToken": token }))?;
        let mut reply = Response::json(body);
        reply.set_cookie = handle.cookies();
        Ok(reply)
    }

    fn parts(&self, incoming: &dyn RequestHead) -> Option<RequestParts> {
        self.0.needs_parts.then(|| parts(incoming))
    }

    /// Decides who is calling, and gives the request that functions see. `body` is that of a request
    /// by route.
    async fn request(
        &self,
        parts: Option<RequestParts>,
        door: Access,
        body: Option<Bytes>,
    ) -> Result<(Arc<RawRequest>, Caller)> {
        let Some(parts) = parts else {
            return Ok((Arc::clone(&self.0.anonymous), Caller::default()));
        };
        let caller = match &self.0.accounts {
            Some(accounts) => self.identify_by(accounts, &parts, door).await?,
            None => Caller { identity: self.identify(&parts).await?, ..Caller::default() },
        };
        let (accounts, csrf) = (self.0.accounts.clone(), Arc::clone(&self.0.csrf));
        let handle = Handle::new(accounts, csrf, &caller, door);
        let request = RawRequest::new(caller.identity.clone(), parts);
        let request = request.with_session(Some(Arc::new(handle)));
        Ok((Arc::new(request.with_body(body.unwrap_or_default())), caller))
    }

    /// A cookie of a session that is over is taken from the browser.
    fn finish(&self, reply: Result<Response>, caller: &Caller) -> Response {
        let mut reply = reply.unwrap_or_else(Response::error);
        if let Some(accounts) = self.0.accounts.as_ref().filter(|_| caller.expired) {
            reply.set_cookie.insert(0, accounts.clearing_cookie());
        }
        reply
    }
}

//! What to do with a request: the one entrance for every HTTP adapter.
//!
//! [`Mizan::accept`] finds out what a request is for. `read` and `call` are the life of a read and of a
//! call, with every stage in order.

#[cfg(feature = "pages")]
mod ahead;
mod batch;
mod body;
mod call;
mod entries;
#[cfg(feature = "pages")]
mod export;
#[cfg(feature = "pages")]
mod kept;
mod lines;
mod once;
#[cfg(feature = "pages")]
mod page;
#[cfg(not(feature = "pages"))]
#[path = "no_page.rs"]
mod page;
mod probes;
mod rates;
mod read;
mod refresh;
mod routed;
mod together;

use std::sync::Arc;

use bytes::Bytes;

use crate::accounts::{Access, Caller, Handle};
use crate::error::{Error, ErrorCode, Result};
use crate::graph::Found;
use crate::head::RequestParts;
use crate::http::{
    Endpoint, Grant, HeaderName, HeaderValue, RequestHead, Response, below, endpoint, parts,
};
use crate::identity::Identity;
use crate::registry::Mizan;
use crate::request::RawRequest;
use crate::task::BoxFuture;

pub use body::PendingBody;
use call::{Purpose, SessionStep};
#[cfg(feature = "pages")]
pub use export::Exported;

/// What comes next for a request.
pub enum Next {
    /// Send this response.
    Done(Response),
    /// Await the response.
    Run(BoxFuture<'static, Response>),
    /// Read the body first.
    NeedsBody(PendingBody),
}

/// What is at a path.
enum Located<'r, 'p> {
    /// Below the mount point.
    Protocol(Option<Endpoint<'p>>),
    Route(Found<'r, 'p>),
    Nothing,
}

impl Mizan {
    /// Decides what to do with a request: below the mount point, or at the path of a route. Never
    /// fails: a refusal is a response, and so is a path where there is nothing.
    pub fn accept(&self, head: &dyn RequestHead) -> Next {
        self.accept_as(head, None)
    }

    /// The same for a caller who is known already, if one is given: in tests.
    pub(crate) fn accept_as(&self, head: &dyn RequestHead, known: Option<Identity>) -> Next {
        if let Some(refusal) = self.refuse_host(head) {
            return Next::Done(refusal);
        }
        let located = self.locate(head.path());
        let cors = self.0.cors.as_ref().filter(|_| matches!(located, Located::Protocol(_)));
        let grant = cors.and_then(|cors| cors.grant(head));
        if let Some(response) = grant.as_ref().and_then(|grant| grant.preflight(head)) {
            return Next::Done(response);
        }
        let next = self.next(head, located, known);
        let next = next.unwrap_or_else(|error| Next::Done(Response::error(error)));
        if let Some(grant) = grant { granted(next, grant) } else { next }
    }

    /// The refusal of a request for a host that is not one of [`Builder::hosts`](crate::Builder::hosts): for what an
    /// adapter serves next to the protocol. [`Mizan::accept`] asks automatically, and [`Mizan::probe`] never does.
    pub fn refuse_host(&self, head: &dyn RequestHead) -> Option<Response> {
        let error = || Error::new(ErrorCode::MisdirectedRequest, "this server is not that host");
        (!self.0.hosts.allow(head)).then(|| Response::error(error()))
    }

    /// The headers of a file at a path, which an adapter serves next to the protocol: those of pages, and
    /// `cache-control`. A file whose name changes with its content (`assets/index-BkD3x_a9.js`, as Vite names what
    /// it has built) is kept for a year; of any other the browser asks each time whether it has changed.
    pub fn file_headers(&self, path: &str) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.0.page_headers.of_file(path)
    }

    /// Whether a route of the registry is at a path.
    pub fn has_route(&self, path: &str) -> bool {
        matches!(self.locate(path), Located::Route(_))
    }

    /// What is at a path. Below a mount point there is no route, and where that is `/`, none at the
    /// paths of the protocol.
    fn locate<'p>(&self, path: &'p str) -> Located<'_, 'p> {
        let Some(rest) = below(&self.0.mount, path) else { return self.route(path) };
        let has_accounts = self.0.accounts.is_some();
        let endpoint = endpoint(rest).filter(|endpoint| match endpoint {
            Endpoint::Schema => self.0.expose_schema,
            _ => has_accounts || !endpoint.needs_accounts(),
        });
        match endpoint {
            None if self.0.mount.is_empty() => match self.route(path) {
                Located::Nothing => Located::Protocol(None),
                route => route,
            },
            endpoint => Located::Protocol(endpoint),
        }
    }

    fn route<'p>(&self, path: &'p str) -> Located<'_, 'p> {
        self.0.graph.routes.find(path).map_or(Located::Nothing, Located::Route)
    }

    fn next(
        &self,
        head: &dyn RequestHead,
        located: Located<'_, '_>,
        known: Option<Identity>,
    ) -> Result<Next> {
        let limit = self.0.limits.uri;
        if head.path().len() + head.query().len() > limit {
            return Err(Error::bad_request(format!(
                "path and query are longer than {limit} bytes"
            )));
        }
        let endpoint = match located {
            Located::Route(found) => return self.routed(head, &found, known),
            Located::Protocol(Some(endpoint)) => endpoint,
            _ => return Err(Error::not_found("there is nothing at this path")),
        };
        let has_accounts = self.0.accounts.is_some();
        let json = |purpose| PendingBody::json(self, head, purpose, known.clone());
        let session = |step| PendingBody::new(self, head, Purpose::Session(step), known.clone());
        Ok(match (&endpoint, head.method()) {
            (Endpoint::Call, "POST") => Next::NeedsBody(json(Purpose::Call)?),
            (Endpoint::Refresh, "POST") => {
                Next::NeedsBody(json(Purpose::Session(SessionStep::Refresh))?)
            }
            (Endpoint::Tokens, "POST") => Next::NeedsBody(session(SessionStep::Tokens)),
            (Endpoint::EdgeToken, "POST") => Next::NeedsBody(session(SessionStep::EdgeToken)),
            (Endpoint::Session, "DELETE") if has_accounts => {
                Next::NeedsBody(session(SessionStep::SignOut))
            }
            (Endpoint::Context(name), "GET" | "HEAD") => {
                let context = self.0.graph.context(name);
                let context = context.ok_or_else(|| Error::not_found("no such context"))?;
                let (query, parts) = (head.query().to_owned(), self.parts(head, known.as_ref()));
                let sender = read::Reader { parts, known, address: self.0.proxies.caller(head) };
                Next::Run(Box::pin(read::read(self.clone(), context, query, sender)))
            }
            (Endpoint::Batch, "GET") => {
                let (query, parts) = (head.query().to_owned(), self.parts(head, known.as_ref()));
                let sender = read::Reader { parts, known, address: self.0.proxies.caller(head) };
                Next::Run(Box::pin(batch::batch(self.clone(), query, sender)))
            }
            (Endpoint::Batch, "POST") => Next::NeedsBody(json(Purpose::Batch)?),
            (Endpoint::Session, "GET" | "HEAD") => Next::Done(self.csrf_token(head)?),
            (Endpoint::Schema, "GET" | "HEAD") => {
                let document = serde_json::to_vec(&self.document()).map_err(Error::internal)?;
                Next::Done(Response::json(document))
            }
            _ => Next::Done(Response::not_allowed(endpoint.allow(has_accounts))),
        })
    }

    /// `GET session/`: a CSRF token, and the cookie that belongs to it.
    fn csrf_token(&self, head: &dyn RequestHead) -> Result<Response> {
        let csrf = Arc::clone(&self.0.csrf);
        let handle = Handle::new(None, csrf, &Caller::default(), Access::Read);
        let request = RawRequest::new(None, parts(head)).with_session(Arc::new(handle));
        let body = serde_json::to_vec(&serde_json::json!({ "csrfToken": request.csrf_token() }))?;
        Ok(finish(Ok(Response::json(body)), &request))
    }

    /// A copy of the head, if anything is going to read it.
    fn parts(&self, head: &dyn RequestHead, known: Option<&Identity>) -> Option<RequestParts> {
        (self.0.needs_parts || known.is_some()).then(|| parts(head))
    }

    /// Decides who is calling, and gives the request that functions see. `body` is that of a request
    /// by route.
    async fn identify(
        &self,
        parts: Option<RequestParts>,
        access: Access,
        known: Option<Identity>,
        body: Bytes,
    ) -> Result<(Arc<RawRequest>, Caller)> {
        let parts = match parts {
            Some(parts) => parts,
            // What no function, guard or authenticator reads need not be made for each read.
            None if access == Access::Read => {
                return Ok((Arc::clone(&self.0.anonymous), Caller::default()));
            }
            None => return Ok((Arc::default(), Caller::default())),
        };
        let mut caller = match known {
            Some(identity) => Caller { identity: Some(identity), ..Caller::default() },
            None => self.caller(&parts, access).await?,
        };
        caller.identity = caller.identity.map(Identity::checked).transpose()?;
        let (accounts, csrf) = (self.0.accounts.clone(), Arc::clone(&self.0.csrf));
        let handle = Handle::new(accounts, csrf, &caller, access);
        let request =
            RawRequest::new(caller.identity.clone(), parts).with_session(Arc::new(handle));
        Ok((Arc::new(request.with_body(body)), caller))
    }
}

/// Makes a response out of a refusal, and adds the cookies: the one that takes a session that is over
/// from the browser, and those that the functions have set.
fn finish(result: Result<Response>, request: &RawRequest) -> Response {
    let Some(session) = request.session_actions() else {
        return result.unwrap_or_else(Response::error).without_secrets();
    };
    let cookies = if result.is_ok() { session.cookies() } else { Vec::new() };
    let mut response = result.unwrap_or_else(Response::error);
    if !session.has_token() {
        response = response.without_secrets();
    }
    session.clearing_cookie().into_iter().chain(cookies).for_each(|cookie| {
        response.add_cookie(cookie);
    });
    response
}

/// Lets a page of another origin read the response.
fn granted(next: Next, grant: Grant) -> Next {
    match next {
        Next::Done(response) => Next::Done(grant.apply(response)),
        Next::Run(run) => Next::Run(Box::pin(async move { grant.apply(run.await) })),
        Next::NeedsBody(pending) => Next::NeedsBody(pending.granted(grant)),
    }
}

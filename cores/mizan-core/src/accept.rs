//! What to do with a request: the one entrance for every HTTP adapter.

use std::pin::Pin;
use std::sync::Arc;

use crate::accounts::{Caller, Door, Handle};
use crate::dispatch::{self, CallPlan, Detach};
use crate::error::{Error, Result};
use crate::http::{Endpoint, Header, Incoming, Reply, endpoint, header_text, parts};
use crate::registry::Mizan;
use crate::request::{RawRequest, RequestParts};

/// The next step of a request.
pub enum Step {
    /// The answer is known.
    Reply(Reply),
    /// The answer is this future's output.
    Read(Pin<Box<dyn Future<Output = Reply> + Send>>),
    /// The body is needed first.
    Call(PendingCall),
}

impl Mizan {
    /// Decides what to do with a request below the mount point. Never fails: a refusal is a reply.
    pub fn accept(&self, incoming: &dyn Incoming) -> Step {
        self.step(incoming).unwrap_or_else(|error| Step::Reply(Reply::error(error)))
    }

    fn step(&self, incoming: &dyn Incoming) -> Result<Step> {
        let limit = self.0.limits.uri;
        if incoming.path().len() + incoming.query().len() > limit {
            return Err(Error::bad_request(format!(
                "path and query are longer than {limit} bytes"
            )));
        }
        let endpoint = endpoint(&self.0.mount, incoming.path());
        let endpoint = endpoint.filter(|at| *at != Endpoint::Schema || self.0.expose_schema);
        let has_accounts = self.0.accounts.is_some();
        let endpoint = endpoint.filter(|at| has_accounts || !at.needs_accounts());
        let endpoint = endpoint.ok_or_else(|| Error::not_found("there is nothing at this path"))?;
        match (&endpoint, incoming.method()) {
            (Endpoint::Call, "POST") => self.pending(incoming, Aim::Call).map(Step::Call),
            (Endpoint::Refresh, "POST") => self.pending(incoming, Aim::Refresh).map(Step::Call),
            (Endpoint::Tokens, "POST") => Ok(Step::Call(self.bare(incoming, Aim::Tokens))),
            (Endpoint::EdgeToken, "POST") => Ok(Step::Call(self.bare(incoming, Aim::EdgeToken))),
            (Endpoint::Session, "DELETE") if has_accounts => {
                Ok(Step::Call(self.bare(incoming, Aim::SignOut)))
            }
            (Endpoint::Context(name), "GET" | "HEAD") => self.read(name, incoming),
            (Endpoint::Session, "GET" | "HEAD") => Ok(Step::Reply(self.session(incoming))),
            (Endpoint::Schema, "GET" | "HEAD") => {
                let document = serde_json::to_vec(&self.document()).map_err(Error::internal)?;
                Ok(Step::Reply(Reply::json(document)))
            }
            _ => {
                let error = Error::method_not_allowed("this method is not answered here");
                let mut reply = Reply::error(error);
                reply.allow = Some(endpoint.allow(has_accounts));
                Ok(Step::Reply(reply))
            }
        }
    }

    fn read(&self, name: &str, incoming: &dyn Incoming) -> Result<Step> {
        let position = self.0.graph.context(name);
        let position = position.ok_or_else(|| Error::not_found("no such context"))?;
        let (mizan, query, parts) =
            (self.clone(), incoming.query().to_owned(), self.parts(incoming));
        Ok(Step::Read(Box::pin(async move {
            let inner = &mizan.0;
            let read = async {
                let (request, caller) = mizan.request(parts, Door::Read).await?;
                let reply = dispatch::read(inner, position, &query, &request).await;
                let mut reply = reply.unwrap_or_else(Reply::error);
                mizan.forget_session(&caller, &mut reply);
                Ok(reply)
            };
            read.await.unwrap_or_else(Reply::error)
        })))
    }

    fn session(&self, incoming: &dyn Incoming) -> Reply {
        let issued = self.0.csrf.issue(incoming);
        let mut reply = Reply::json(format!("{{\"csrfToken\":\"{}\"}}", issued.token).into_bytes());
        reply.set_cookie.extend(issued.set_cookie);
        reply
    }

    /// A request whose body, if there is one, is of no interest.
    fn bare(&self, incoming: &dyn Incoming, aim: Aim) -> PendingCall {
        let csrf = self.0.csrf.check(incoming);
        PendingCall { mizan: self.clone(), parts: self.parts(incoming), csrf, aim }
    }

    fn pending(&self, incoming: &dyn Incoming, aim: Aim) -> Result<PendingCall> {
        let content_type = header_text(incoming, Header::ContentType).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Error::unsupported_media_type("the body of a call is `application/json`"));
        }
        let length =
            header_text(incoming, Header::ContentLength).and_then(|text| text.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.0.limits.body as u64) {
            return Err(self.too_large());
        }
        Ok(self.bare(incoming, aim))
    }

    fn too_large(&self) -> Error {
        Error::payload_too_large(format!("the body is larger than {} bytes", self.0.limits.body))
    }

    fn parts(&self, incoming: &dyn Incoming) -> Option<RequestParts> {
        self.0.needs_parts.then(|| parts(incoming))
    }

    async fn request(
        &self,
        parts: Option<RequestParts>,
        door: Door,
    ) -> Result<(Arc<RawRequest>, Caller)> {
        let Some(parts) = parts else {
            return Ok((Arc::clone(&self.0.anonymous), Caller::default()));
        };
        let Some(accounts) = &self.0.accounts else {
            let identity = self.identify(&parts).await?;
            return Ok((Arc::new(RawRequest::new(identity, parts)), Caller::default()));
        };
        let caller = self.identify_by(accounts, &parts, door).await?;
        let handle = Handle::new(Arc::clone(accounts), caller.session.clone());
        let request = RawRequest::new(caller.identity.clone(), parts);
        Ok((Arc::new(request.with_session(Some(Arc::new(handle)))), caller))
    }

    /// A cookie of a session that is over is taken from the browser.
    fn forget_session(&self, caller: &Caller, reply: &mut Reply) {
        if let Some(accounts) = self.0.accounts.as_ref().filter(|_| caller.expired) {
            reply.set_cookie.insert(0, accounts.clearing_cookie());
        }
    }
}

/// What a request with a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Call,
    Tokens,
    Refresh,
    EdgeToken,
    SignOut,
}

/// A call whose body has not been read yet.
pub struct PendingCall {
    mizan: Mizan,
    parts: Option<RequestParts>,
    csrf: Result<()>,
    aim: Aim,
}

impl PendingCall {
    /// The most bytes that may be read of the body.
    pub fn body_limit(&self) -> usize {
        self.mizan.0.limits.body
    }

    /// The answer to a body that is larger.
    pub fn too_large(&self) -> Reply {
        Reply::error(self.mizan.too_large())
    }

    /// The answer to a body that broke off or was not sent as its headers say.
    pub fn broken(&self) -> Reply {
        Reply::error(Error::bad_request("the body could not be read"))
    }

    /// Runs the call. The future may be dropped at any time: a call that has begun runs to its end.
    pub async fn run(self, body: impl AsRef<[u8]>) -> Reply {
        self.try_run(body.as_ref()).await.unwrap_or_else(Reply::error)
    }

    async fn try_run(self, body: &[u8]) -> Result<Reply> {
        let Self { mizan, parts, csrf, aim } = self;
        let (request, caller) = mizan.request(parts, Door::Other).await?;
        if !request.user().is_some_and(crate::Identity::is_by_bearer) {
            csrf?;
        }
        let mut reply = match aim {
            Aim::Call => mizan.call(body, request).await,
            aim => mizan.session_step(aim, body, &caller).await,
        };
        if let Ok(reply) = &mut reply {
            mizan.forget_session(&caller, reply);
        }
        reply
    }
}

impl Mizan {
    async fn session_step(&self, aim: Aim, body: &[u8], caller: &Caller) -> Result<Reply> {
        let Some(accounts) = &self.0.accounts else {
            return Err(Error::not_found("this server has no sessions of its own"));
        };
        match aim {
            Aim::Tokens => accounts.issue(caller).await,
            Aim::Refresh => accounts.refresh(body).await,
            Aim::EdgeToken => accounts.edge_token(caller),
            Aim::SignOut | Aim::Call => accounts.sign_out(caller).await,
        }
    }

    async fn call(&self, body: &[u8], request: Arc<RawRequest>) -> Result<Reply> {
        let (mizan, inner) = (self, &self.0);
        let plan = CallPlan::read(&inner.graph, body, &request, inner.limits.depth).await?;
        // Counted before the look, so that a stop either sees this call or is seen by it.
        let live = inner.live.enter();
        if mizan.is_closing() {
            return Err(Error::unavailable("the server is stopping"));
        }
        if inner.live.count() > inner.limits.calls {
            return Err(Error::unavailable("too many calls are under way"));
        }
        let work = dispatch::call(plan, request, mizan.clone(), live);
        let waiting = Detach::new(work, inner.runtime.clone());
        let waited = tokio::time::timeout(inner.limits.call_timeout, waiting).await;
        waited.map_err(|_| {
            Error::unavailable("the call goes on, and takes longer than this connection waits")
        })
    }
}

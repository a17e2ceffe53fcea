//! What a function may see of a request. The type it asks for decides how its answer may be cached.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use mizan_schema::Target;

use crate::accounts::{Handle, SessionHandle};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::invalidate::Changes;

/// How far a function looks, from its request parameter. The widest member decides for its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// State and arguments: one answer for everybody.
    Public,
    /// The caller's identity too: one answer per user.
    User,
    /// Headers, cookies and peer too: never cached.
    Raw,
}

/// Names and values of the request's head, in the order they came. Names are lower case.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// The first value of a header as text; `None` where it is absent or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Without those of the protocol that a request does not have.
    pub(crate) fn without_answers(mut self) -> Self {
        self.0.retain(|(name, _)| !name.starts_with("x-mizan-") || name == "x-mizan-token");
        self
    }

    /// Every value of a header, as it was sent.
    pub fn bytes<'h, 'n>(&'h self, name: &'n str) -> impl Iterator<Item = &'h [u8]> + use<'h, 'n> {
        let same = move |pair: &&(String, Vec<u8>)| pair.0.eq_ignore_ascii_case(name);
        self.0.iter().filter(same).map(|(_, value)| &**value)
    }

    /// Every value of a header that is UTF-8.
    pub fn all<'h, 'n>(&'h self, name: &'n str) -> impl Iterator<Item = &'h str> + use<'h, 'n> {
        self.bytes(name).filter_map(|value| std::str::from_utf8(value).ok())
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let lower = |name: String| match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => name.to_ascii_lowercase(),
            false => name,
        };
        Self(pairs.into_iter().map(|(name, value)| (lower(name.into()), value.into())).collect())
    }
}

/// The head of a request in terms of no HTTP library.
#[derive(Debug, Clone, Default)]
pub struct RequestParts {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: Headers,
    /// The address of the other end of the connection.
    pub peer: Option<SocketAddr>,
}

impl RequestParts {
    /// The value of a cookie, as sent; `None` where it is absent or not UTF-8.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        crate::http::cookies(self.headers.bytes("cookie"), name)
    }
}

/// The narrowest view: a function that takes it sees its state and arguments only, and may say what
/// it changes.
#[derive(Debug, Default)]
pub struct Request {
    changes: Option<Arc<Changes>>,
}

impl Request {
    /// Says that this call changes less than it declares: these targets instead of those. Call it
    /// before anything is changed. For functions whose arguments do not name what they change, like
    /// webhooks.
    ///
    /// Fails with `INTERNAL_ERROR` in a read, where a target is in no context that the function
    /// declares, or names a parameter that its context does not have; with `UNAVAILABLE` where the
    /// cache cannot be told and the policy refuses such calls.
    pub async fn narrow_to(&self, targets: impl IntoIterator<Item = Target>) -> Result<()> {
        self.changes()?.narrow(targets.into_iter().collect()).await
    }

    /// Says that this call changes more than it declares. Call it before that is changed.
    ///
    /// Fails as [`Request::narrow_to`] does; any context may be named.
    pub async fn invalidate(&self, targets: impl IntoIterator<Item = Target>) -> Result<()> {
        self.changes()?.add(targets.into_iter().collect()).await
    }

    fn changes(&self) -> Result<&Changes> {
        let changes = self.changes.as_deref();
        changes.ok_or_else(|| Error::internal("only a call can say what it changes, a read cannot"))
    }
}

/// A view with the caller's identity. A context with such a member is cached per user.
#[derive(Debug, Default)]
pub struct UserRequest {
    request: Request,
    identity: Option<Identity>,
}

/// The whole request. A context with such a member is never cached.
#[derive(Debug, Default)]
pub struct RawRequest {
    user: UserRequest,
    parts: RequestParts,
    session: Option<Arc<Handle>>,
    body: Bytes,
}

impl UserRequest {
    /// The caller, or `None` for an anonymous one.
    pub fn user(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The caller; fails with `UNAUTHORIZED` for an anonymous one.
    pub fn identity(&self) -> Result<&Identity> {
        self.user().ok_or_else(|| Error::unauthorized("authentication required"))
    }
}

impl RawRequest {
    pub(crate) fn new(identity: Option<Identity>, parts: RequestParts) -> Self {
        let user = UserRequest { request: Request::default(), identity };
        Self { user, parts, session: None, body: Bytes::new() }
    }

    /// With the session that the caller's proof depends on.
    pub(crate) fn with_session(mut self, session: Option<Arc<Handle>>) -> Self {
        self.session = session;
        self
    }

    /// What the answer sets beside what it says.
    pub(crate) fn cookies(&self) -> Vec<String> {
        self.session.as_ref().map(|session| session.cookies()).unwrap_or_default()
    }

    /// Whether the function has signed somebody in or out.
    pub(crate) fn has_changed_session(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.has_changed())
    }

    /// With the body of a request by route.
    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// A token for the hidden field `csrf_token` of a form that this answer holds: without it, or the
    /// header `X-CSRFToken`, a write of a browser is refused. The answer sets the cookie that belongs
    /// to it where the browser has none.
    pub fn csrf_token(&self) -> String {
        self.session.as_ref().map(|own| own.csrf_token(&self.parts.headers)).unwrap_or_default()
    }

    /// The bytes of the body, of a request that came by a route; empty for every other one.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The session of the request: to sign in, to sign out, to list and to end.
    pub fn session(&self) -> SessionHandle<'_> {
        SessionHandle(self.session.as_deref())
    }

    /// The request of a call that runs.
    pub(crate) fn running(self: Arc<Self>, changes: Arc<Changes>) -> Self {
        // A guard may have kept the request.
        let mut raw = Arc::try_unwrap(self).unwrap_or_else(|shared| Self {
            user: UserRequest {
                request: Request::default(),
                identity: shared.user.identity.clone(),
            },
            parts: shared.parts.clone(),
            session: shared.session.clone(),
            body: shared.body.clone(),
        });
        raw.user.request.changes = Some(changes);
        raw
    }

    /// As much of it as a scope shows.
    pub(crate) fn narrowed(&self, scope: Visibility) -> Self {
        let identity = self.identity.clone().filter(|_| scope > Visibility::Public);
        let mut raw = Self::new(identity, RequestParts::default());
        raw.user.request.changes.clone_from(&self.user.request.changes);
        raw
    }

    /// The first value of a header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)
    }

    /// The value of a cookie, as sent.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.parts.cookie(name)
    }

    /// The head of the request.
    pub fn parts(&self) -> &RequestParts {
        &self.parts
    }
}

impl Deref for UserRequest {
    type Target = Request;
    fn deref(&self) -> &Request {
        &self.request
    }
}

impl Deref for RawRequest {
    type Target = UserRequest;
    fn deref(&self) -> &UserRequest {
        &self.user
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Request {}
    impl Sealed for super::UserRequest {}
    impl Sealed for super::RawRequest {}
}

/// The three views of a request; narrowing is a borrow.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view of the request",
    label = "take `&Request`, `&UserRequest` or `&RawRequest`",
    note = "wire arguments are owned: write `String` for `&str` and `Vec<T>` for `&[T]`"
)]
pub trait RequestView: sealed::Sealed {
    /// How far this view looks.
    const SCOPE: Visibility;
    /// The view of a whole request.
    fn view(raw: &RawRequest) -> &Self;
}

impl RequestView for Request {
    const SCOPE: Visibility = Visibility::Public;
    fn view(raw: &RawRequest) -> &Self {
        raw
    }
}

impl RequestView for UserRequest {
    const SCOPE: Visibility = Visibility::User;
    fn view(raw: &RawRequest) -> &Self {
        raw
    }
}

impl RequestView for RawRequest {
    const SCOPE: Visibility = Visibility::Raw;
    fn view(raw: &RawRequest) -> &Self {
        raw
    }
}

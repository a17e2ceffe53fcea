//! What a function may see of a request. The type it asks for decides how its result may be cached.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use mizan_schema::Target;

use crate::error::{Error, Result};
use crate::head::{Headers, RequestParts};
use crate::identity::Identity;
use crate::session::{Session, StoreFuture};
use crate::task::BoxFuture;
use crate::visibility::Visibility;

/// How a running call names what it changes. Dispatch implements it; a read has none.
pub(crate) trait Effects: Send + Sync + fmt::Debug {
    fn narrow_to(&self, targets: Vec<Target>) -> BoxFuture<'_, Result<()>>;
    fn invalidate(&self, targets: Vec<Target>) -> BoxFuture<'_, Result<()>>;
    /// Whether the call has named what it changes.
    fn are_named(&self) -> bool;
}

/// What can be done to the session of a request. The sign-in of the framework implements it.
pub(crate) trait SessionActions: Send + Sync + fmt::Debug {
    /// A CSRF token for a form of the response; its cookie is set where the browser has none.
    fn csrf_token(&self, headers: &Headers) -> String;
    /// The cookie that takes the one of a session that is over from the browser.
    fn clearing_cookie(&self) -> Option<String>;
    /// The cookies that the response sets.
    fn cookies(&self) -> Vec<String>;
    /// Whether a user was signed in or out.
    fn has_changed(&self) -> bool;
    /// Whether the response may hold a CSRF token.
    fn has_token(&self) -> bool;
    fn id(&self) -> Option<String>;
    fn sign_in<'a>(&'a self, subject: &'a str, label: &'a str) -> StoreFuture<'a, ()>;
    fn sign_out(&self) -> StoreFuture<'_, ()>;
    fn list<'a>(
        &'a self,
        subject: &'a str,
        skip: usize,
        count: usize,
    ) -> StoreFuture<'a, Vec<(String, Session)>>;
    fn end_all<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, ()>;
    fn end<'a>(&'a self, subject: &'a str, id: &'a str) -> StoreFuture<'a, ()>;
}

/// The narrowest view: a function that takes it sees its state and arguments only, and may say what
/// it changes.
#[derive(Debug, Default)]
pub struct Request {
    /// Set when a call begins.
    effects: OnceLock<Arc<dyn Effects>>,
}

impl Request {
    /// Declares that this call changes less than its attribute: these targets instead of those. Call it
    /// before anything is changed. For functions whose arguments do not name what they change, like
    /// webhooks. What the response names of them follows the rule of [`Request::invalidate`].
    ///
    /// # Errors
    /// `INTERNAL_ERROR` in a read, where a target is in no context that the function declares, or
    /// names a parameter that its context does not have; `UNAVAILABLE` where the cache cannot be
    /// notified and the policy refuses such calls.
    pub async fn narrow_to(&self, targets: impl IntoIterator<Item = Target>) -> Result<()> {
        self.effects()?.narrow_to(targets.into_iter().collect()).await
    }

    /// Declares that this call changes more than its attribute. Call it before that is changed.
    ///
    /// The response names a target with its parameters if the caller knows their values: they have sent them as
    /// arguments, or hold an entry with them and may read it. Else it names the context alone. The cache and
    /// [`Builder::on_invalidation`](crate::Builder::on_invalidation) get the target as it is, and so does an edge that takes the
    /// header off ([`Builder::edge`](crate::Builder::edge)).
    ///
    /// # Errors
    /// As [`Request::narrow_to`]; any context may be named.
    pub async fn invalidate(&self, targets: impl IntoIterator<Item = Target>) -> Result<()> {
        self.effects()?.invalidate(targets.into_iter().collect()).await
    }

    fn effects(&self) -> Result<&dyn Effects> {
        let effects = self.effects.get().map(|effects| &**effects);
        effects.ok_or_else(|| Error::internal("only a call can say what it changes, a read cannot"))
    }
}

/// A view with the caller's identity. A context with such a member is cached per user.
///
/// ```
/// use mizan_core::{Context, Result, UserRequest, client};
/// #[derive(Context)]
/// struct OrdersContext;
///
/// #[client(context = OrdersContext)]
/// async fn my_name(request: &UserRequest) -> Result<String> {
///     Ok(request.identity()?.subject().to_owned())
/// }
/// ```
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
    session: Option<Arc<dyn SessionActions>>,
    /// Whether the function has looked at the session, and so may have changed it.
    session_used: AtomicBool,
    body: Bytes,
}

impl UserRequest {
    /// The caller, or `None` for an anonymous one.
    pub fn user(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The caller.
    ///
    /// # Errors
    /// `UNAUTHORIZED` for an anonymous one.
    pub fn identity(&self) -> Result<&Identity> {
        self.user().ok_or_else(|| Error::unauthorized("authentication required"))
    }
}

impl RawRequest {
    pub(crate) fn new(identity: Option<Identity>, parts: RequestParts) -> Self {
        let user = UserRequest { request: Request::default(), identity };
        Self {
            user,
            parts,
            session: None,
            session_used: AtomicBool::new(false),
            body: Bytes::new(),
        }
    }

    /// With the session that the caller's proof depends on.
    pub(crate) fn with_session(mut self, session: Arc<dyn SessionActions>) -> Self {
        self.session = Some(session);
        self
    }

    /// With the body of a request by route.
    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// What the response does to the session.
    pub(crate) fn session_actions(&self) -> Option<&dyn SessionActions> {
        self.session.as_deref()
    }

    /// Whether the function has named what it changes.
    pub(crate) fn has_named_changes(&self) -> bool {
        self.user.request.effects.get().is_some_and(|effects| effects.are_named())
    }

    /// Whether anyone has asked for the session.
    pub(crate) fn has_used_session(&self) -> bool {
        self.session_used.load(Ordering::SeqCst)
    }

    /// A call begins: from here on its function can say what it changes.
    pub(crate) fn begin(&self, effects: Arc<dyn Effects>) {
        // A request is one call's, so there is nothing to be replaced.
        let _ = self.user.request.effects.set(effects);
    }

    /// The same caller with the head of a read.
    pub(crate) fn reading(&self, path: String, query: String) -> Self {
        let headers = self.parts.headers.clone();
        let parts =
            RequestParts { method: "GET".into(), path, query, headers, peer: self.parts.peer };
        Self { session: self.session.clone(), ..Self::new(self.identity.clone(), parts) }
    }

    /// As much of it as a function sees.
    pub(crate) fn narrowed(&self, visibility: Visibility) -> Self {
        let identity = self.identity.clone().filter(|_| visibility > Visibility::Public);
        let raw = Self::new(identity, RequestParts::default());
        if let Some(effects) = self.user.request.effects.get() {
            raw.begin(Arc::clone(effects));
        }
        raw
    }

    /// A token for the hidden field `csrf_token` of a form in this response: without it, or the
    /// header `X-CSRFToken`, a write of a browser is refused. The response sets the cookie that belongs
    /// to it where the browser has none.
    pub fn csrf_token(&self) -> String {
        self.session.as_ref().map(|own| own.csrf_token(&self.parts.headers)).unwrap_or_default()
    }

    /// The bytes of the body, of a request that came by a route; empty for every other one.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The session of the request: to sign in, to sign out, to list and to end.
    ///
    /// A call that has asked for it runs to its end, whether or not a caller waits.
    pub fn session(&self) -> SessionHandle<'_> {
        self.session_used.store(true, Ordering::SeqCst);
        SessionHandle(self.session.as_deref())
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

/// The session of a request.
#[derive(Debug, Clone, Copy)]
pub struct SessionHandle<'a>(Option<&'a dyn SessionActions>);

impl SessionHandle<'_> {
    /// Signs a user in: a new session, whose cookie the response sets. The session that was there is
    /// ended, so no one can plant one and wait for it to become a user's.
    ///
    /// The caller has proved who they are before this is called. `label` is what a list of sessions
    /// shows.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where the registry has no `.users(…)`, and in a read of a context, as
    /// `sign_out` and `end` do: a link may lead to a read. `UNAVAILABLE` where the store does not
    /// respond.
    pub async fn sign_in(&self, subject: &str, label: &str) -> Result<()> {
        self.actions()?.sign_in(subject, label).await
    }

    /// Ends the session, and every token that was given for it.
    ///
    /// # Errors
    /// As [`SessionHandle::sign_in`].
    pub async fn sign_out(&self) -> Result<()> {
        self.actions()?.sign_out().await
    }

    /// The id of the session; `None` where no one has signed in.
    pub fn id(&self) -> Option<String> {
        self.0.and_then(SessionActions::id)
    }

    /// A page of the sessions of a user, those of their tokens included: the ones that end last, newest first. A page
    /// may have fewer than `count` though it is not the last; an empty one is the end.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where the registry has no `.users(…)`, `UNAVAILABLE` where the store does not
    /// respond.
    pub async fn list(
        &self,
        subject: &str,
        skip: usize,
        count: usize,
    ) -> Result<Vec<(String, Session)>> {
        self.actions()?.list(subject, skip, count).await
    }

    /// Ends every session of a user, with every token that was given for one: for a password that was changed. Where
    /// it is the caller, sign them in again.
    ///
    /// # Errors
    /// As [`SessionHandle::sign_in`].
    pub async fn end_all(&self, subject: &str) -> Result<()> {
        self.actions()?.end_all(subject).await
    }

    /// Ends one session of a user.
    ///
    /// # Errors
    /// `NOT_FOUND` where they have no such session, else as [`SessionHandle::sign_in`].
    pub async fn end(&self, subject: &str, id: &str) -> Result<()> {
        self.actions()?.end(subject, id).await
    }

    fn actions(&self) -> Result<&dyn SessionActions> {
        self.0.ok_or_else(no_accounts)
    }
}

/// The error of a session where the framework signs no one in.
pub(crate) fn no_accounts() -> Error {
    Error::internal("sessions need `.users(…)` on the builder")
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
    const VISIBILITY: Visibility;
    /// The view of a whole request.
    fn view(raw: &RawRequest) -> &Self;
}

impl RequestView for Request {
    const VISIBILITY: Visibility = Visibility::Public;
    fn view(raw: &RawRequest) -> &Self {
        raw
    }
}

impl RequestView for UserRequest {
    const VISIBILITY: Visibility = Visibility::User;
    fn view(raw: &RawRequest) -> &Self {
        raw
    }
}

impl RequestView for RawRequest {
    const VISIBILITY: Visibility = Visibility::Raw;
    fn view(raw: &RawRequest) -> &Self {
        raw
    }
}

//! A request that needs no socket.

use std::any::TypeId;
use std::net::SocketAddr;

use mizan_schema::text_of;
use serde::Serialize;
use serde_json::{Map, Value};

use super::TestResponse;
use crate::accept::Next;
use crate::function::Context;
use crate::head::Headers;
use crate::http::{ProtocolHeader, RequestHead};
use crate::identity::Identity;
use crate::percent::push_component;
use crate::registry::{Mizan, UndeclaredEffect};

/// A request, put together and sent to a registry without a socket. It goes the whole way: path,
/// content type, CSRF, guards, arguments, cache and invalidation are those of a server.
///
/// ```standalone_crate
/// use mizan_core::testing::TestRequest;
/// use mizan_core::{Context, Identity, Mizan, Result, UserRequest, client};
///
/// #[derive(Context)]
/// struct UserContext;
///
/// #[client(context = UserContext)]
/// async fn user_name(user_id: i64) -> Result<String> {
///     Ok(format!("user {user_id}"))
/// }
///
/// #[client(affects = UserContext, auth)]
/// async fn rename(request: &UserRequest, user_id: i64, name: String) -> Result<String> {
///     Ok(format!("{name}, by {}", request.identity()?.subject()))
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let mizan = Mizan::builder().build()?;
///
/// let read = TestRequest::read::<UserContext>().param("user_id", 5).send(&mizan).await;
/// assert_eq!(read.member::<String>("user_name"), "user 5");
///
/// let rename = TestRequest::call(rename).arg("user_id", 5).arg("name", "Ryth");
/// assert_eq!(rename.clone().send(&mizan).await.status(), 401);
///
/// let renamed = rename.as_user(Identity::new("7")).send(&mizan).await;
/// assert_eq!(renamed.result::<String>(), "Ryth, by 7");
/// assert_eq!(renamed.targets(), [UserContext::target().with("user_id", 5)]);
/// # Ok::<(), mizan_core::BuildError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct TestRequest {
    method: String,
    to: To,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    args: Map<String, Value>,
    mounted: Vec<Value>,
    body: Option<Vec<u8>>,
    identity: Option<Identity>,
    peer: Option<SocketAddr>,
}

/// Where a request goes.
#[derive(Debug, Clone)]
enum To {
    Context(String),
    Function(Callee),
    Path(String),
}

/// A function, by its item or its wire name.
#[derive(Debug, Clone)]
enum Callee {
    Item { id: TypeId, name: &'static str },
    Name(String),
}

impl TestRequest {
    fn to(method: &str, to: To) -> Self {
        Self {
            method: method.into(),
            to,
            query: String::new(),
            headers: Vec::new(),
            args: Map::new(),
            mounted: Vec::new(),
            body: None,
            identity: None,
            peer: None,
        }
    }

    /// A read of a context.
    pub fn read<C: Context>() -> Self {
        Self::read_named(C::NAME)
    }

    /// The same by the wire name of the context.
    pub fn read_named(context: &str) -> Self {
        Self::to("GET", To::Context(context.into()))
    }

    /// A call of a function, by its item: `TestRequest::call(rename)`.
    pub fn call<F: 'static>(_: F) -> Self {
        let callee = Callee::Item { id: TypeId::of::<F>(), name: std::any::type_name::<F>() };
        Self::to("POST", To::Function(callee)).header("content-type", "application/json")
    }

    /// The same by the wire name of the function.
    pub fn call_named(function: &str) -> Self {
        let callee = Callee::Name(function.into());
        Self::to("POST", To::Function(callee)).header("content-type", "application/json")
    }

    /// Any request: a method, and a path with or without a query.
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self { query: query.into(), ..Self::to(method, To::Path(path.into())) }
    }

    /// Adds a parameter to the query; a list adds one for each element, and null adds none.
    pub fn param(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        let texts: Vec<(&str, String)> = match &value {
            Value::Null => Vec::new(),
            // An empty list is not one that is absent.
            Value::Array(items) if items.is_empty() => vec![("[]", String::new())],
            Value::Array(items) => {
                items.iter().filter_map(|item| Some(("", text_of(item)?.into()))).collect()
            }
            value => text_of(value).map(|text| ("", text.into())).into_iter().collect(),
        };
        for (mark, text) in texts {
            if !self.query.is_empty() {
                self.query.push('&');
            }
            push_component(&mut self.query, name);
            push_component(&mut self.query, mark);
            self.query.push('=');
            push_component(&mut self.query, &text);
        }
        self
    }

    /// Adds an argument to a call.
    pub fn arg(mut self, name: &str, value: impl Serialize) -> Self {
        self.args.insert(name.into(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    /// Adds an entry that the page of a call holds, with its parameters: if the call makes it stale, the response
    /// brings its new value in `refresh`.
    pub fn mounted(mut self, context: &str, params: impl Serialize) -> Self {
        self.mounted.push(serde_json::json!({ "context": context, "params": params }));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.as_ref().to_vec()));
        self
    }

    /// Replaces the path, as it is sent; a question mark is a part of it.
    pub fn path(mut self, path: &str) -> Self {
        self.to = To::Path(path.into());
        self
    }

    /// Replaces the query, as it is sent.
    pub fn query(mut self, query: &str) -> Self {
        self.query = query.into();
        self
    }

    /// Replaces the body, which is else made of the arguments.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Some(body.as_ref().to_vec());
        self
    }

    /// Sends a form as the body.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let mut form = String::new();
        for (name, value) in pairs {
            if !form.is_empty() {
                form.push('&');
            }
            push_component(&mut form, name);
            form.push('=');
            push_component(&mut form, value);
        }
        self.header("content-type", "application/x-www-form-urlencoded").body(form)
    }

    /// Sends it as a caller who is known, without asking the authenticator or any session.
    pub fn as_user(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Sends it from an address, as the other end of a connection has it.
    pub fn peer(mut self, address: SocketAddr) -> Self {
        self.peer = Some(address);
        self
    }

    /// Sends it, and waits for the response.
    ///
    /// # Panics
    /// Where it calls a function by an item that the registry does not have.
    pub async fn send(self, mizan: &Mizan) -> TestResponse {
        let mount = mizan.mount();
        let (path, made) = match &self.to {
            To::Context(name) => (format!("{mount}/ctx/{name}/"), Vec::new()),
            To::Function(callee) => {
                let mut call = serde_json::json!({ "fn": callee.name(mizan), "args": self.args });
                if !self.mounted.is_empty() {
                    call["mounted"] = Value::from(self.mounted.clone());
                }
                (format!("{mount}/call/"), call.to_string().into_bytes())
            }
            To::Path(path) => (path.clone(), Vec::new()),
        };
        let body = self.body.clone().unwrap_or(made);
        let head = Head { request: &self, path };
        let next = mizan.probe(&head);
        let next = next.unwrap_or_else(|| mizan.accept_as(&head, self.identity.clone()));
        let response = match next {
            Next::Done(response) => response,
            Next::Run(run) => run.await,
            Next::NeedsBody(pending) if body.len() > pending.body_limit() => pending.too_large(),
            Next::NeedsBody(pending) => pending.run(body).await,
        };
        TestResponse::new(response.gathered().await, undeclared(mizan).await)
    }
}

/// What the check of the call, which goes on after its response, has found.
async fn undeclared(mizan: &Mizan) -> Vec<UndeclaredEffect> {
    #[cfg(debug_assertions)]
    if let Some(recent) = &mizan.0.recent {
        recent.checks.drained().await;
        return recent.take_found();
    }
    let _ = mizan;
    Vec::new()
}

impl Callee {
    #[expect(clippy::panic, reason = "a test that names a function which is not there")]
    fn name(&self, mizan: &Mizan) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Item { id, name } => {
                let mut functions = mizan.0.graph.functions.iter().map(|node| &node.function);
                match functions.find(|function| function.id == Some(*id)) {
                    Some(function) => function.name.to_string(),
                    None => panic!(
                        "`{name}` is not in this registry: put `#[client]` on it, and register it"
                    ),
                }
            }
        }
    }
}

/// A request with its path.
struct Head<'a> {
    request: &'a TestRequest,
    path: String,
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        &self.request.method
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn query(&self) -> &str {
        &self.request.query
    }

    fn header(&self, header: ProtocolHeader) -> Option<&[u8]> {
        let named = self.request.headers.iter().find(|(name, _)| name == header.as_str());
        named.map(|(_, value)| &**value)
    }

    fn headers(&self) -> Headers {
        self.request.headers.iter().cloned().collect()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.request.peer
    }

    fn is_secure(&self) -> bool {
        false
    }
}

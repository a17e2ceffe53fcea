//! The registry: what a server offers, built once and shared by every request.

use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mizan_schema::Target;

use crate::accounts::{Accounts, Caller, Door, UserStore};
use crate::cache::{Cache, CachePolicy, Caching};
use crate::config::{Config, Resolved};
use crate::dispatch::{CatchUnwind, Live, catch};
use crate::error::{Error, Result};
use crate::function::Function;
use crate::graph::{BuildError, Graph};
use crate::http::Csrf;
use crate::identity::{Authenticator, Identity};
use crate::request::{RawRequest, RequestParts, Scope};
use crate::runtime::Runtime;
use crate::secret::Secret;
use crate::session::SessionStore;
use crate::state::{AnyState, StateNeed, States};
use crate::token::KeyRing;

/// Bounds on what a request may bring. Each is a setting with this default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a call's body: 1 MiB.
    pub body: usize,
    /// Levels of nesting in a call's body: 64. The parser itself stops at 127.
    pub depth: usize,
    /// Parameters of a query: 100.
    pub params: usize,
    /// Bytes of path and query: 8 KiB.
    pub uri: usize,
    /// Calls under way at one time, abandoned ones included: 10,000. One more is a 503.
    pub calls: usize,
    /// How long a client waits for a call: 25 s. The call itself runs to its end.
    pub call_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            depth: 64,
            params: 100,
            uri: 8 << 10,
            calls: 10_000,
            call_timeout: Duration::from_secs(25),
        }
    }
}

/// What is told of every invalidation.
pub(crate) type Observer = Arc<dyn Fn(&[Target]) + Send + Sync>;

/// Everything that a server offers. Cheap to clone; every clone is the same registry.
#[derive(Clone)]
pub struct Mizan(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) graph: Arc<Graph>,
    pub(crate) mount: String,
    pub(crate) limits: Limits,
    pub(crate) csrf: Csrf,
    pub(crate) runtime: Runtime,
    pub(crate) live: Arc<Live>,
    pub(crate) expose_schema: bool,
    pub(crate) page_routes: Vec<(String, String)>,
    pub(crate) observer: Option<Observer>,
    /// What every function sees of a request whose head nobody looks at.
    pub(crate) anonymous: Arc<RawRequest>,
    /// Whether some function, guard or authenticator looks at the head of a request.
    pub(crate) needs_parts: bool,
    pub(crate) caching: Option<Arc<Caching>>,
    pub(crate) accounts: Option<Arc<Accounts>>,
    authenticator: Option<Box<dyn Authenticator>>,
    closing: AtomicBool,
    warnings: Vec<String>,
}

impl std::fmt::Debug for Mizan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let graph = &self.0.graph;
        f.debug_struct("Mizan")
            .field("mount", &self.0.mount)
            .field("functions", &graph.functions.len())
            .field("contexts", &graph.contexts.len())
            .finish_non_exhaustive()
    }
}

impl Mizan {
    /// A builder that knows every function linked into this binary.
    pub fn builder() -> Builder {
        Builder { functions: linked(), ..Builder::unlinked() }
    }

    /// The path below which the protocol is mounted, without a slash at its end.
    pub fn mount(&self) -> &str {
        &self.0.mount
    }

    /// The bounds on requests.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// What is declared and not in this build, one text each. They were logged by `build()` too.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// How many functions and contexts there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.0.graph.functions.len(), self.0.graph.contexts.len())
    }

    /// Refuses new calls from now on with `UNAVAILABLE`, and ends when every call that has begun
    /// has reached its end, invalidation included. A server stops its workers after that.
    pub async fn stop(&self) {
        self.0.closing.store(true, Ordering::SeqCst);
        self.0.live.drained().await;
    }

    /// How many calls are under way, abandoned ones included.
    pub fn live_calls(&self) -> usize {
        self.0.live.count()
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::SeqCst)
    }

    /// Tells the observer what is old.
    pub(crate) fn observed(&self, targets: &[Target]) {
        if let Some(observer) = &self.0.observer
            && let Err(panic) = catch(|| observer(targets))
        {
            tracing::error!(panic, "an observer of invalidations panicked");
        }
    }

    pub(crate) async fn identify_by(
        &self,
        accounts: &Accounts,
        parts: &RequestParts,
        door: Door,
    ) -> Result<Caller> {
        let panicked = |panic| Error::internal(format!("a store of accounts panicked: {panic}"));
        CatchUnwind(Box::pin(accounts.identify(parts, door))).await.map_err(panicked)?
    }

    pub(crate) async fn identify(&self, parts: &RequestParts) -> Result<Option<Identity>> {
        match &self.0.authenticator {
            Some(authenticator) => {
                let panicked =
                    |panic| Error::internal(format!("the authenticator panicked: {panic}"));
                let asked = catch(|| authenticator.identify(parts)).map_err(panicked)?;
                CatchUnwind(asked).await.map_err(panicked)?
            }
            None => Ok(None),
        }
    }
}

/// Collects what a server offers; [`Builder::build`] checks all of it.
pub struct Builder {
    functions: Vec<Function>,
    states: Vec<(StateNeed, AnyState)>,
    authenticator: Option<Box<dyn Authenticator>>,
    observer: Option<Observer>,
    limits: Limits,
    mount: String,
    expose_schema: bool,
    allow_empty: bool,
    page_routes: Vec<(String, String)>,
    config: Config,
}

impl Builder {
    /// A builder that knows no function: for registries that are put together at run time.
    pub fn unlinked() -> Self {
        Self {
            functions: Vec::new(),
            states: Vec::new(),
            authenticator: None,
            observer: None,
            limits: Limits::default(),
            mount: crate::DEFAULT_MOUNT.into(),
            expose_schema: false,
            allow_empty: false,
            page_routes: Vec::new(),
            config: Config::default(),
        }
    }

    /// Adds a function by its descriptor. One that was linked as well counts once.
    pub fn function(mut self, function: Function) -> Self {
        let same = |known: &Function| function.id.is_some() && known.id == function.id;
        if !self.functions.iter().any(same) {
            self.functions.push(function);
        }
        self
    }

    /// Adds functions by their descriptors; [`functions!`](crate::functions) lists them by path,
    /// which needs no help from the linker.
    pub fn functions(self, functions: impl IntoIterator<Item = Function>) -> Self {
        functions.into_iter().fold(self, Self::function)
    }

    /// Gives a value to every function that asks for `State<T>`. The last of one type counts.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        let need = StateNeed::of::<T>();
        self.states.retain(|(known, _)| known.id != need.id);
        self.states.push((need, Arc::new(value)));
        self
    }

    /// Decides who is calling. Without one every caller is anonymous.
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Box::new(authenticator));
        self
    }

    /// The users of the application. With them the framework signs in by itself: sessions in a cookie,
    /// access and refresh tokens, and tokens for the edge. Not together with an authenticator.
    pub fn users(mut self, users: impl UserStore) -> Self {
        self.config.accounts.users = Some(Box::new(users));
        self
    }

    /// Where sessions are kept: in the memory of this process, or in a `RedisSessions` that processes
    /// share. Replaces the environment's `MIZAN_SESSION_REDIS_URL`; without either they are in memory.
    pub fn sessions(mut self, sessions: impl SessionStore) -> Self {
        self.config.accounts.sessions = Some(Box::new(sessions));
        self
    }

    /// How long a session lasts; two weeks unless said otherwise.
    pub fn session_ttl(mut self, time: Duration) -> Self {
        self.config.accounts.session_ttl = Some(time);
        self
    }

    /// The keys of access and refresh tokens. Replaces the one that is made of `JWT_PRIVATE_KEY`.
    pub fn jwt_keys(mut self, keys: KeyRing) -> Self {
        self.config.accounts.jwt_keys = Some(keys);
        self
    }

    /// The keys of edge tokens. Replaces the environment's `MIZAN_MWT_SECRET`.
    pub fn mwt_keys(mut self, keys: KeyRing) -> Self {
        self.config.accounts.mwt_keys = Some(keys);
        self
    }

    /// Calls a function at the end of every mutation that ran, with what it made old: whether it
    /// succeeded or not, and whether somebody still waits for it or not. It must return quickly.
    pub fn on_invalidation(mut self, observer: impl Fn(&[Target]) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Replaces the bounds on requests.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Mounts the protocol below another path than `/api/mizan`.
    pub fn mount(mut self, path: impl Into<String>) -> Self {
        self.mount = path.into();
        self
    }

    /// Answers `GET schema/` with the schema document. Off by default: it names every function.
    pub fn expose_schema(mut self, expose: bool) -> Self {
        self.expose_schema = expose;
        self
    }

    /// Says that a registry without functions is meant.
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Names a page outside of Mizan that shows a context, for the edge manifest.
    pub fn page_route(mut self, context: impl Into<String>, path: impl Into<String>) -> Self {
        self.page_routes.push((context.into(), path.into()));
        self
    }

    /// The origin under which browsers know this server (`https://example.org`). Replaces the
    /// environment's `MIZAN_PUBLIC_ORIGIN`.
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self {
        self.config.public_origin = Some(origin.into());
        self
    }

    /// The key under which CSRF tokens are made, at least 32 bytes. Replaces the environment's
    /// `JWT_PRIVATE_KEY`.
    pub fn jwt_private_key(mut self, key: Secret) -> Self {
        self.config.jwt_private_key = Some(key);
        self
    }

    /// Caches contexts on the server: `.cache(MemoryCache::default())` in the memory of this process,
    /// or in a `RedisCache` that processes share. Replaces what the environment says.
    ///
    /// Whatever is written without a declared function, [`Mizan::mutate`] or [`Mizan::invalidate`]
    /// stays unseen until it expires; that is why a cache is switched on knowingly.
    pub fn cache(mut self, cache: impl Into<Cache>) -> Self {
        self.config.cache = Some(cache.into());
        self
    }

    /// No cache, whatever the environment says.
    pub fn no_cache(mut self) -> Self {
        self.config.no_cache = true;
        self
    }

    /// The secret under which names of cached entries are derived, at least 32 bytes. Replaces the
    /// environment's `MIZAN_CACHE_SECRET`. Processes that share a cache share it.
    pub fn cache_secret(mut self, secret: Secret) -> Self {
        self.config.cache_secret = Some(secret);
        self
    }

    /// Replaces the settings of the cache.
    pub fn cache_policy(mut self, policy: CachePolicy) -> Self {
        self.config.cache_policy = policy;
        self
    }

    /// Checks everything and gives the registry, or every mistake at once.
    ///
    /// Reads `MIZAN_PUBLIC_ORIGIN`, `JWT_PRIVATE_KEY`, `MIZAN_CACHE_SECRET` and `MIZAN_CACHE_REDIS_URL`
    /// from the environment where the builder was not given them. Keeps the runtime that is current here for work that outlives its request.
    pub fn build(self) -> Result<Mizan, BuildError> {
        let needs: Vec<StateNeed> = self.states.iter().map(|(need, _)| *need).collect();
        if self.functions.is_empty() && !self.allow_empty {
            return Err(nothing_linked());
        }
        let mount = checked_mount(&self.mount)?;
        let mut graph = Graph::resolve(self.functions, Some(&needs))?;
        for plan in &mut graph.functions {
            let state = |id: TypeId| self.states.iter().find(|(need, _)| need.id == id);
            let states = plan.function.states.iter().filter_map(|need| state(need.id));
            plan.states = States::new(states.map(|(_, state)| Arc::clone(state)).collect());
        }
        let mut warnings = not_in_this_build(&graph);
        let guarded = graph.functions.iter().filter(|plan| plan.function.auth.is_some()).count();
        let identifies = self.authenticator.is_some() || self.config.accounts.users.is_some();
        if guarded > 0 && !identifies {
            warnings.push(format!(
                "{guarded} functions have `auth` and there is no authenticator: every caller is anonymous to them"
            ));
        }
        let Resolved { accounts, csrf, cache } = self.config.resolve(&mut warnings)?;
        if cache.is_some() {
            warnings.extend(merged_shapes(&graph));
        }
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        let raw = |function: &Function| function.scope_of_answer() == Scope::Raw;
        let needs_parts = identifies || graph.functions.iter().any(|plan| raw(&plan.function));
        let runtime = Runtime::find().map_err(|error| {
            BuildError::single(
                format!("no runtime could be started: {error}"),
                "build inside of a tokio runtime",
            )
        })?;
        let live = Arc::default();
        let caching = cache.map(|setup| Caching::new(setup, &graph, &runtime, &live));
        let caching = caching.map(Arc::new);
        Ok(Mizan(Arc::new(Inner {
            caching,
            accounts: accounts.map(Arc::new),
            graph: Arc::new(graph),
            mount,
            limits: self.limits,
            csrf,
            runtime,
            live,
            expose_schema: self.expose_schema,
            page_routes: self.page_routes,
            observer: self.observer,
            anonymous: Arc::default(),
            needs_parts,
            authenticator: self.authenticator,
            closing: AtomicBool::new(false),
            warnings,
        })))
    }
}

/// Descriptors that were linked into this binary.
pub(crate) fn linked() -> Vec<Function> {
    crate::private::FUNCTIONS.iter().map(|function| function()).collect()
}

pub(crate) fn nothing_linked() -> BuildError {
    BuildError::single(
        "no function is registered",
        "the linker drops a crate that the binary never names: add `use the_crate as _;` for the crate that \
         declares them, or register them by `.functions(mizan_core::functions![the_crate::function])`; \
         `.allow_empty()` says that none is meant",
    )
}

fn checked_mount(mount: &str) -> Result<String, BuildError> {
    let path = mount.trim_end_matches('/');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    match (path.is_empty() || path.starts_with('/'))
        && path.bytes().all(legal)
        && !path.contains("//")
    {
        true => Ok(path.to_owned()),
        false => Err(BuildError::single(
            format!("`{mount}` is not a mount point"),
            "write a path like `/api/mizan`, of letters, digits and `-._~/`",
        )),
    }
}

/// One text for each context whose mutations are too many to be told apart.
fn merged_shapes(graph: &Graph) -> Vec<String> {
    let merged = graph.contexts.iter().filter(|context| context.shapes.merged);
    let warn = |context: &crate::graph::ContextPlan| {
        format!(
            "mutations narrow context `{}` by more than 5 sets of parameters: the rarest make more of the cache old \
             than they name",
            context.name
        )
    };
    merged.map(warn).collect()
}

/// One text for each function that asks for something that this build does not have.
fn not_in_this_build(graph: &Graph) -> Vec<String> {
    let missing = |plan: &crate::graph::FunctionPlan| {
        let function = &plan.function;
        let options = [
            ("`websocket`, so a call of it answers 501", function.websocket),
            ("`route`, so it is reached by `call/` only", function.route.is_some()),
            ("`pages`, so no page is rendered ahead", function.pages.is_some()),
        ];
        let names: Vec<&str> =
            options.iter().filter(|(_, asked)| *asked).map(|(name, _)| *name).collect();
        let names = (!names.is_empty()).then(|| names.join("; and "))?;
        Some(format!(
            "`{}` at {} asks for what is not in this build: {names}",
            function.name, function.place
        ))
    };
    graph.functions.iter().filter_map(missing).collect()
}

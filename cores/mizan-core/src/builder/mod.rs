//! The builder: what a server offers and how, collected and then checked whole.

mod checks;

use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mizan_schema::Target;

use crate::accounts::{TokenPolicy, UserStore};
use crate::cache::{Cache, CachePolicy, Caching};
use crate::config::{Config, Resolved};
use crate::function::Function;
use crate::graph::{BuildError, Graph};
use crate::http::Cors;
use crate::identity::Authenticator;
use crate::registry::{Inner, Limits, Mizan, Observer};
use crate::request::Visibility;
use crate::runtime::Runtime;
use crate::secret::Secret;
use crate::session::SessionStore;
use crate::state::{AnyState, StateNeed, States};
use crate::token::KeyRing;

use checks::{
    below_mount, changed_by_get, checked_mount, known_contexts, linked, merged_shapes,
    not_in_this_build, nothing_linked,
};

/// What a registry says of itself.
pub(crate) struct Described {
    pub(crate) graph: Graph,
    pub(crate) mount: String,
    pub(crate) page_routes: Vec<(String, String)>,
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
    /// A builder that knows every function linked into this binary.
    pub(crate) fn linked() -> Self {
        Self { functions: linked(), ..Self::empty() }
    }

    /// A builder that knows no function: for registries that are put together at run time.
    pub fn empty() -> Self {
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
    /// access and refresh tokens, and tokens for the edge. `build()` refuses it beside an authenticator.
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

    /// How tokens are made and read. Replaces what the environment says, field by field.
    pub fn tokens(mut self, policy: TokenPolicy) -> Self {
        self.config.accounts.tokens = policy;
        self
    }

    /// The keys of access and refresh tokens. Replaces the one that is made of `JWT_PRIVATE_KEY`.
    pub fn jwt_keys(mut self, keys: KeyRing) -> Self {
        self.config.accounts.jwt_keys = Some(keys);
        self
    }

    /// The keys of edge tokens. Replaces the environment's `MIZAN_MWT_SECRET`.
    pub fn edge_keys(mut self, keys: KeyRing) -> Self {
        self.config.accounts.edge_keys = Some(keys);
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

    /// Lets pages of other origins use the protocol. Off by default.
    pub fn cors(mut self, cors: Cors) -> Self {
        self.config.cors = Some(cors);
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
    pub fn build(mut self) -> Result<Mizan, BuildError> {
        let needs: Vec<StateNeed> = self.states.iter().map(|(need, _)| *need).collect();
        let functions = std::mem::take(&mut self.functions);
        let (mut graph, mount) = self.resolve(functions, Some(&needs))?;
        for plan in &mut graph.functions {
            let state = |id: TypeId| self.states.iter().find(|(need, _)| need.id == id);
            let states = plan.function.states.iter().filter_map(|need| state(need.id));
            plan.states = States::new(states.map(|(_, state)| Arc::clone(state)).collect());
        }
        if self.authenticator.is_some() && self.config.accounts.users.is_some() {
            return Err(BuildError::single(
                "both `.users(…)` and `.authenticator(…)` say who is calling",
                "leave out one: the framework's own sign-in, or that of the application",
            ));
        }
        let mut warnings = not_in_this_build(&graph);
        warnings.extend(changed_by_get(&graph));
        let guarded = graph.functions.iter().filter(|plan| plan.function.auth.is_some()).count();
        let identifies = self.authenticator.is_some() || self.config.accounts.users.is_some();
        if guarded > 0 && !identifies {
            warnings.push(format!(
                "{guarded} functions have `auth` and there is no authenticator: every caller is anonymous to them"
            ));
        }
        let Resolved { accounts, csrf, cache, cors } = self.config.resolve(&mut warnings)?;
        if cache.is_some() {
            warnings.extend(merged_shapes(&graph));
        }
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        let raw = |function: &Function| function.scope_of_answer() == Visibility::Raw;
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
            csrf: Arc::new(csrf),
            cors,
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

impl Builder {
    /// What is known without states and a runtime.
    pub(crate) fn described(mut self) -> Result<Described, BuildError> {
        let functions = std::mem::take(&mut self.functions);
        let (graph, mount) = self.resolve(functions, None)?;
        Ok(Described { graph, mount, page_routes: self.page_routes })
    }

    fn resolve(
        &self,
        functions: Vec<Function>,
        states: Option<&[StateNeed]>,
    ) -> Result<(Graph, String), BuildError> {
        if functions.is_empty() && !self.allow_empty {
            return Err(nothing_linked());
        }
        let mount = checked_mount(&self.mount)?;
        let graph = Graph::resolve(functions, states)?;
        known_contexts(&graph, &self.page_routes)?;
        below_mount(&graph, &mount)?;
        Ok((graph, mount))
    }
}

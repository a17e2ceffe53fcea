//! The builder: what a server offers and how, collected and then checked whole.

mod accounts;
mod checks;

mod cli;
mod config;
mod http;
#[cfg(feature = "pages")]
mod pages;
mod rates;
mod replays;

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mizan_cache::CachePolicy;
use mizan_schema::Target;

use crate::cache::{Cache, ContextCache};
use crate::error::{BuildError, BuildProblem, BuildProblems, Result};
use crate::function::Function;
use crate::graph::Graph;
use crate::identity::Authenticator;
use crate::rates::Rates;
use crate::registry::{Inner, Limits, Mizan, Observer, Places, Readiness};
use crate::replays::Replays;
use crate::secret::Secret;
use crate::state::{AnyState, StateNeed, States};
use crate::task::Runtime;
use crate::visibility::Visibility;
use crate::webhook::Webhook;

use checks::{
    alone_in_process, below_mount, changed_by_get, checked_mount, known_contexts, linked,
    merged_shapes, not_in_this_build, nothing_linked,
};
pub use cli::{handle_cli, handle_cli_with};
use config::{Config, Resolved};

impl Mizan {
    /// A builder that knows every function linked into this binary.
    pub fn builder() -> Builder {
        Builder::linked()
    }
}

/// The path below which the protocol is mounted unless the builder says otherwise.
pub const DEFAULT_MOUNT: &str = "/api/mizan";

/// What a registry describes of itself.
pub(crate) struct Described {
    pub(crate) graph: Graph,
    pub(crate) mount: String,
    pub(crate) page_routes: Vec<(String, String)>,
}

/// Collects what a server offers; [`Builder::build`] checks all of it.
///
/// # Examples
/// ```standalone_crate
/// use std::time::Duration;
///
/// use mizan_core::{Limits, Mizan, State, client};
///
/// struct Greeting(&'static str);
///
/// #[client]
/// fn greet(greeting: State<Greeting>, name: String) -> String {
///     format!("{}, {name}", greeting.0)
/// }
///
/// let mizan = Mizan::builder()
///     .state(Greeting("hello"))
///     .mount("/rpc")
///     .limits(Limits { call_timeout: Duration::from_secs(5), ..Limits::default() })
///     .build()?;
/// assert_eq!(mizan.mount(), "/rpc");
///
/// // Without the state, `build()` reports what is missing and how to add it.
/// let error = Mizan::builder().build().unwrap_err().to_string();
/// assert!(error.contains("`greet` needs") && error.contains("add `.state(value)`"), "{error}");
/// # Ok::<(), mizan_core::BuildError>(())
/// ```
pub struct Builder {
    functions: Vec<Function>,
    /// The identities of those that have one, so that each counts once.
    known: HashSet<TypeId>,
    states: Vec<(StateNeed, AnyState)>,
    authenticator: Option<Box<dyn Authenticator>>,
    observer: Option<Observer>,
    limits: Limits,
    mount: String,
    expose_schema: bool,
    allow_empty: bool,
    check_effects: bool,
    page_routes: Vec<(String, String)>,
    readiness: Readiness,
    #[cfg(feature = "pages")]
    pages: Option<crate::pages::Pages>,
    config: Config,
}

impl Builder {
    /// A builder that knows every function linked into this binary.
    pub(crate) fn linked() -> Self {
        Self::empty().functions(linked()).check_effects(cfg!(debug_assertions))
    }

    /// A builder that knows no function: for registries that are put together at run time.
    ///
    /// Example: `Builder::empty().functions(mizan_core::functions![hello])`.
    pub fn empty() -> Self {
        Self {
            functions: Vec::new(),
            known: HashSet::new(),
            states: Vec::new(),
            authenticator: None,
            observer: None,
            limits: Limits::default(),
            mount: DEFAULT_MOUNT.into(),
            expose_schema: false,
            allow_empty: false,
            check_effects: false,
            page_routes: Vec::new(),
            readiness: Readiness::default(),
            #[cfg(feature = "pages")]
            pages: None,
            config: Config::default(),
        }
    }

    /// Adds a function by its descriptor. One that was linked as well counts once.
    ///
    /// Default: those that are linked into the program. Example: `.function(function)`.
    pub fn function(mut self, function: Function) -> Self {
        if function.id.is_none_or(|id| self.known.insert(id)) {
            self.functions.push(function);
        }
        self
    }

    /// Adds functions by their descriptors; [`functions!`](crate::functions) lists them by path,
    /// which needs no help from the linker.
    ///
    /// Default: those that are linked into the program. Example: `.functions(mizan_core::functions![hello])`.
    pub fn functions(self, functions: impl IntoIterator<Item = Function>) -> Self {
        functions.into_iter().fold(self, Self::function)
    }

    /// Gives a value to every function that asks for `State<T>`. The last of one type counts.
    ///
    /// Default: none. Example: `.state(Db::open())`.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        let need = StateNeed::of::<T>();
        self.states.retain(|(known, _)| known.id != need.id);
        self.states.push((need, Arc::new(value)));
        self
    }

    /// Calls a function at the end of every mutation that ran, with what it made stale: whether it
    /// succeeded or not, and whether a caller still waits for it or not. It must return quickly.
    ///
    /// Default: none. Example: `.on_invalidation(|stale| println!("{} targets", stale.len()))`.
    pub fn on_invalidation(mut self, observer: impl Fn(&[Target]) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Replaces the bounds on requests.
    ///
    /// Default: `Limits::default()`. Example: `.limits(Limits { body: 64 << 10, ..Limits::default() })`.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Mounts the protocol below another path than `/api/mizan`.
    ///
    /// Default: `/api/mizan`. Example: `.mount("/rpc")`.
    pub fn mount(mut self, path: impl Into<String>) -> Self {
        self.mount = path.into();
        self
    }

    /// Answers `GET schema/` with the schema document. Off by default: it names every function.
    ///
    /// Default: `false`. Example: `.expose_schema(true)`.
    pub fn expose_schema(mut self, expose: bool) -> Self {
        self.expose_schema = expose;
        self
    }

    /// Allows a registry without functions.
    ///
    /// Default: a registry without functions is refused. Example: `.allow_empty()`.
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Sets whether the graph checks itself, in builds with debug assertions; other builds never do. On
    /// for [`Mizan::builder`], off for [`Builder::empty`].
    ///
    /// After a call has ended, at most 64 entries that were read lately, and that nothing declared has made
    /// stale, are run again as their callers, off the path of any request and for at most 250 ms. A
    /// difference means that the call changed what it does not declare: it is logged once for each function
    /// and context, with what differs and what to write, and
    /// [`TestResponse::undeclared`](crate::testing::TestResponse::undeclared) has it. A member that differs
    /// whenever it is run is reported as such. Turn it off where other programs write to the same data, or where
    /// reads are counted.
    ///
    /// Default: `true` in builds with debug assertions. Example: `.check_effects(false)`.
    pub fn check_effects(mut self, check: bool) -> Self {
        self.check_effects = check;
        self
    }

    /// Names a page outside of Mizan that shows a context, for the edge manifest.
    ///
    /// Default: none. Example: `.page_route("user", "/people/<user_id>/")`.
    pub fn page_route(mut self, context: impl Into<String>, path: impl Into<String>) -> Self {
        self.page_routes.push((context.into(), path.into()));
        self
    }

    /// The key under which CSRF tokens are made, at least 32 bytes. Replaces the environment's
    /// `JWT_PRIVATE_KEY`.
    ///
    /// Default: random, and ends with the process. Example: `.jwt_private_key(Secret::new("32 bytes or more, from a safe place")?)`.
    pub fn jwt_private_key(mut self, key: Secret) -> Self {
        self.config.jwt_private_key = Some(key);
        self
    }

    /// Caches contexts on the server: `.cache(MemoryCache::default())` in the memory of this process,
    /// or in a `RedisCache` that processes share. Replaces what the environment says.
    ///
    /// Whatever is written without a declared function, [`Mizan::mutate`] or [`Mizan::invalidate`]
    /// stays unseen until it expires; that is why a cache is switched on knowingly.
    ///
    /// Default: no cache. Example: `.cache(MemoryCache::default())`.
    pub fn cache(mut self, cache: impl Into<Cache>) -> Self {
        self.config.cache = Some(cache.into());
        self
    }

    /// No cache, whatever the environment says.
    ///
    /// Default: what the environment says. Example: `.no_cache()`.
    pub fn no_cache(mut self) -> Self {
        self.config.no_cache = true;
        self
    }

    /// The secret under which names of cached entries are derived, at least 32 bytes. Replaces the
    /// environment's `MIZAN_CACHE_SECRET`. Processes that share a cache share it.
    ///
    /// Default: random, where the cache is in memory. Example: `.cache_secret(Secret::new("32 other bytes, from a safe place.")?)`.
    pub fn cache_secret(mut self, secret: Secret) -> Self {
        self.config.cache_secret = Some(secret);
        self
    }

    /// Replaces the settings of the cache.
    ///
    /// Default: `CachePolicy::default()`. Example: `.cache_policy(CachePolicy { ttl: Duration::from_secs(60), ..CachePolicy::default() })`.
    pub fn cache_policy(mut self, policy: CachePolicy) -> Self {
        self.config.cache_policy = policy;
        self
    }

    /// Checks everything and gives the registry.
    ///
    /// Reads the settings of the environment where the builder was not given them. Keeps the runtime
    /// that is current here for work that outlives its request.
    ///
    /// Example: `Mizan::builder().state(Db::open()).build()?`.
    ///
    /// # Errors
    /// Every mistake of the graph, of the settings and of the environment at once, each with its
    /// remedy.
    pub fn build(mut self) -> Result<Mizan, BuildError> {
        let (mut problems, mut warnings) = (BuildProblems::default(), Vec::new());
        let needs: Vec<StateNeed> = self.states.iter().map(|(need, _)| *need).collect();
        let (mut graph, mount) = self.resolve(Some(&needs), &mut problems);
        let identifies = self.identifies(&graph, &mut problems, &mut warnings);
        let webhooks = webhooks(&graph, &self.states);
        let resolved = self.config.resolve(&webhooks, &mut problems, &mut warnings);
        #[cfg(feature = "pages")]
        let pages = self.pages.take().and_then(|own| {
            pages::check_listings(&graph, &mut problems);
            own.resolve(&mut problems, &mut warnings)
        });
        problems.finish()?;
        let Some(Resolved {
            accounts,
            csrf,
            cache,
            cors,
            hosts,
            page_headers,
            cache_status,
            has_edge,
            rates,
            replays,
            proxies,
        }) = resolved
        else {
            return Err(BuildError::single(
                "a setting could not be resolved",
                "this is a fault of Mizan: report it with your settings",
            ));
        };
        give_states(&mut graph, self.states);
        if cache.is_some() {
            warnings.extend(merged_shapes(&graph));
        }
        #[cfg(feature = "pages")]
        let pages = pages.map(|pages| pages::planned(pages, &graph, cache.as_ref(), &mut warnings));
        let is_shared = cache.as_ref().is_some_and(|setup| setup.cache.is_shared());
        warnings.extend(alone_in_process(&graph, is_shared && !replays.is_shared()));
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        let is_raw = |function: &Function| function.widest_visibility() == Visibility::Raw;
        let needs_parts = identifies || graph.functions.iter().any(|node| is_raw(&node.function));
        let runtime = Runtime::find().map_err(|error| {
            BuildError::single(
                format!("no runtime could be started: {error}"),
                "build inside of a tokio runtime",
            )
        })?;
        let accounts = accounts.map(Arc::new);
        if let Some(accounts) = &accounts {
            let accounts = Arc::clone(accounts);
            // Warnings about a server are logged at the start.
            runtime.spawn(async move { drop(accounts.sessions.check().await) });
        }
        let in_flight = Arc::default();
        let is_idempotent = graph.functions.iter().any(|node| node.function.idempotent);
        let replays = is_idempotent.then(|| Replays::new(replays, runtime.clone()));
        let rules = graph.functions.iter().flat_map(|node| node.function.rules());
        let rates = Rates::new(rates, rules.map(|rule| rule.rate));
        let cache = cache.map(|setup| ContextCache::new(setup, &graph, &runtime, &in_flight));
        let mizan = Mizan(Arc::new(Inner {
            #[cfg(feature = "pages")]
            pages: pages.map(Arc::new),
            cache: cache.map(Arc::new),
            accounts,
            places: Places::new(&graph, &self.limits),
            graph: Arc::new(graph),
            mount,
            limits: self.limits,
            csrf: Arc::new(csrf),
            cors,
            hosts,
            page_headers,
            readiness: self.readiness,
            cache_status,
            has_edge,
            runtime,
            in_flight,
            rates,
            replays,
            proxies,
            expose_schema: self.expose_schema,
            page_routes: self.page_routes,
            observer: self.observer,
            anonymous: Arc::default(),
            needs_parts,
            authenticator: self.authenticator,
            closing: AtomicBool::new(false),
            warnings,
            #[cfg(debug_assertions)]
            recent: self.check_effects.then(Arc::default),
        }));
        #[cfg(feature = "pages")]
        mizan.render_ahead();
        Ok(mizan)
    }

    /// What is known without states and a runtime.
    pub(crate) fn described(mut self) -> Result<Described, BuildError> {
        let mut problems = BuildProblems::default();
        let (graph, mount) = self.resolve(None, &mut problems);
        problems.finish()?;
        Ok(Described { graph, mount, page_routes: self.page_routes })
    }

    fn resolve(
        &mut self,
        states: Option<&[StateNeed]>,
        problems: &mut BuildProblems,
    ) -> (Graph, String) {
        let functions = std::mem::take(&mut self.functions);
        if functions.is_empty() && !self.allow_empty {
            problems.add(nothing_linked());
        }
        let mount = problems.take(checked_mount(&self.mount)).unwrap_or_default();
        let graph = Graph::resolve(functions, states, problems);
        known_contexts(&graph, &self.page_routes, problems);
        below_mount(&graph, &mount, problems);
        (graph, mount)
    }

    /// Whether views that are components are rendered.
    #[cfg(feature = "pages")]
    fn has_pages(&self) -> bool {
        self.pages.is_some()
    }

    #[cfg(not(feature = "pages"))]
    fn has_pages(&self) -> bool {
        false
    }

    /// Whether anything decides who is calling.
    fn identifies(
        &self,
        graph: &Graph,
        problems: &mut BuildProblems,
        warnings: &mut Vec<String>,
    ) -> bool {
        let (own, users) = (self.authenticator.is_some(), self.config.accounts.users.is_some());
        if own && users {
            problems.add(BuildProblem::new(
                "both `.users(…)` and `.authenticator(…)` say who is calling",
                "leave out one: the framework's own sign-in, or that of the application",
            ));
        }
        warnings.extend(not_in_this_build(graph, self.has_pages()));
        warnings.extend(changed_by_get(graph));
        let guarded = graph.functions.iter().filter(|node| node.function.auth.is_some()).count();
        if guarded > 0 && !own && !users {
            warnings.push(format!(
                "{guarded} functions have `auth` and there is no authenticator: every caller is anonymous to them"
            ));
        }
        own || users
    }
}

/// The senders of webhooks, each once, with the types of their states.
fn webhooks<'s>(
    graph: &Graph,
    states: &'s [(StateNeed, AnyState)],
) -> Vec<(&'static str, &'s Webhook)> {
    let needs = graph.functions.iter().filter_map(|node| node.function.webhook);
    let mut needs: Vec<_> = needs.map(|need| (need.state.id, need)).collect();
    needs.sort_by_key(|(id, _)| *id);
    needs.dedup_by_key(|(id, _)| *id);
    let given = |id| states.iter().find(|(known, _)| known.id == id).map(|(_, state)| state);
    let named = needs
        .into_iter()
        .filter_map(|(id, need)| Some((need.state.name, need.webhook(given(id)?)?)));
    named.collect()
}

/// Gives every function the states that it asks for.
fn give_states(graph: &mut Graph, states: Vec<(StateNeed, AnyState)>) {
    let states: HashMap<TypeId, AnyState> =
        states.into_iter().map(|(need, state)| (need.id, state)).collect();
    for node in &mut graph.functions {
        let needs = node.function.states.iter();
        let given = needs.filter_map(|need| states.get(&need.id));
        node.states = States::new(given.map(Arc::clone).collect());
        let webhook = node.function.webhook.and_then(|webhook| states.get(&webhook.state.id));
        node.webhook = webhook.map(Arc::clone);
    }
}

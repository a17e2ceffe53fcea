//! The cache as dispatch sees it: from typed values to entries and scopes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mizan_cache::{
    CacheCounts, CachePolicy, Counters, Ended, Engine, Entry, Fault, Glance, Keys, Lookup, Name,
    Outcome, Owner, Run, Scope,
};
use mizan_schema::Target;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::erased::{AnyEngine, AnyMarks, Glances};
use super::memory::{MemoryCache, MemoryStore};
#[cfg(feature = "redis")]
use super::redis::{RedisCache, RedisStore};
use crate::error::{Error, Result};
use crate::function::{CacheRule, Decoded, Function};
use crate::graph::{ContextId, ContextNode, ContextParam, Graph};
use crate::http::CacheStatus;
use crate::identity::Identity;
use crate::invalidate::Announced;
use crate::secret::Secret;
use crate::task::{InFlight, Runtime};
use crate::visibility::Visibility;

/// Targets of one context that a function names: beyond this many, the whole context is meant.
const MAX_TARGETS: usize = 64;

/// Which store to use.
#[derive(Debug, Clone)]
pub enum Cache {
    /// The memory of this process.
    Memory(MemoryCache),
    /// A Redis server.
    #[cfg(feature = "redis")]
    Redis(RedisCache),
}

impl Cache {
    /// Whether other processes may use the same cache.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(self, Self::Memory(_))
    }
}

impl From<MemoryCache> for Cache {
    fn from(cache: MemoryCache) -> Self {
        Self::Memory(cache)
    }
}

#[cfg(feature = "redis")]
impl From<RedisCache> for Cache {
    fn from(cache: RedisCache) -> Self {
        Self::Redis(cache)
    }
}

/// Everything that a cache is made of.
#[derive(Debug)]
pub(crate) struct CacheSetup {
    pub(crate) cache: Cache,
    pub(crate) secret: Secret,
    pub(crate) policy: CachePolicy,
}

/// The cache of one registry.
pub(crate) struct ContextCache {
    pub(super) keys: Keys,
    pub(super) engine: Arc<dyn AnyEngine>,
    counters: Arc<Counters>,
    /// By the position of the context.
    pub(super) contexts: Vec<Cached>,
    /// The server that is asked whether it is there.
    #[cfg(feature = "redis")]
    redis: Option<RedisStore>,
}

/// How one context is cached.
pub(super) struct Cached {
    /// How long; never where there is no time.
    pub(super) ttl: Option<Duration>,
    /// Whether each user has entries of their own.
    pub(super) per_user: bool,
    pub(super) rev: i64,
    pub(super) layout: u64,
    pub(super) build: u32,
    pub(super) broad: Name,
    /// For each parameter, which member of the bundle reads it by which argument.
    readers: Vec<Vec<(usize, usize)>>,
}

impl ContextCache {
    pub(crate) fn new(
        setup: CacheSetup,
        graph: &Graph,
        runtime: &Runtime,
        in_flight: &Arc<InFlight>,
    ) -> Self {
        let policy = setup.policy;
        let counters = Arc::<Counters>::default();
        let (counted, around) = (Arc::clone(&counters), (runtime.clone(), Arc::clone(in_flight)));
        match setup.cache {
            Cache::Memory(cache) => {
                // No one else reads this memory, so names need no secret.
                let keys = Keys::Plain;
                let contexts = contexts(graph, &keys, &policy);
                let store = MemoryStore::new(cache, &policy, around);
                let engine = Engine::new(store, policy, counted);
                Self {
                    keys,
                    engine,
                    counters,
                    contexts,
                    #[cfg(feature = "redis")]
                    redis: None,
                }
            }
            #[cfg(feature = "redis")]
            Cache::Redis(cache) => {
                let keys = Keys::keyed(setup.secret.bytes());
                let contexts = contexts(graph, &keys, &policy);
                let longest = contexts.iter().filter_map(|context| context.ttl).max();
                let longest = longest.unwrap_or_default().max(policy.ttl);
                let store =
                    RedisStore::new(cache, policy.clone(), longest, Arc::clone(&counted), around);
                store.greet();
                let redis = Some(store.clone());
                let engine = Engine::new(store, policy, counted);
                Self { keys, engine, counters, contexts, redis }
            }
        }
    }

    /// Whether the store can be asked now.
    pub(crate) async fn check(&self) -> Result<()> {
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.redis {
            return redis.check().await.map_err(|fault| Error::unavailable(fault.to_string()));
        }
        Ok(())
    }

    pub(crate) fn counts(&self) -> CacheCounts {
        self.counters.counts()
    }

    /// The entry that a read asks for; `None` where it is not cached.
    pub(crate) fn entry<'a>(
        &self,
        graph: &Graph,
        context: ContextId,
        members: impl Iterator<Item = &'a dyn Decoded> + Clone,
        user: Option<&Identity>,
    ) -> Option<Entry> {
        let cached = &self.contexts[context.index()];
        cached.ttl?;
        let mut values = Vec::with_capacity(cached.readers.len());
        let (mut json, mut other) = (Vec::new(), Vec::new());
        for readers in &cached.readers {
            let read = |(member, argument): &(usize, usize), json: &mut Vec<u8>| {
                json.clear();
                members.clone().nth(*member)?.write_json(*argument, json).then_some(())
            };
            // A value that cannot be written names no entry, and neither does one that members read
            // differently.
            let mut readers = readers.iter();
            let Some(first) = readers.next() else {
                values.push(None);
                continue;
            };
            read(first, &mut json)?;
            for reader in readers {
                read(reader, &mut other)?;
                if other != json {
                    return None;
                }
            }
            let json = std::str::from_utf8(&json).ok()?;
            let form = &graph[context].params[values.len()].form;
            let text = || form.text(json).map(Cow::into_owned);
            values.push(if json == "null" { None } else { Some(text()?) });
        }
        self.entry_of(graph, context, &values, user)
    }

    /// The entry with these parameters, written explicitly; one that is left out has its default.
    pub(crate) fn entry_by_hand(
        &self,
        graph: &Graph,
        context: ContextId,
        params: &Map<String, Value>,
        user: Option<&Identity>,
    ) -> Option<Entry> {
        let value = |param: &ContextParam| {
            let value = params.get(&*param.name).or(param.default.as_ref())?;
            let text = |json: String| param.form.text(&json).map(Cow::into_owned);
            (!value.is_null()).then(|| text(value.to_string()))?
        };
        let values: Vec<Option<String>> = graph[context].params.iter().map(value).collect();
        self.entry_of(graph, context, &values, user)
    }

    /// The entry with these texts, one for each parameter of the context.
    fn entry_of(
        &self,
        graph: &Graph,
        context: ContextId,
        values: &[Option<String>],
        user: Option<&Identity>,
    ) -> Option<Entry> {
        let (cached, context) = (&self.contexts[context.index()], &graph[context]);
        let ttl = cached.ttl?;
        let rights = user.filter(|_| cached.per_user).map(Identity::rights_digest);
        let user = user.filter(|_| cached.per_user).map(Identity::subject);
        let owner = Owner { user, rights: rights.as_deref() };
        let named = context.params.iter().zip(values);
        let pairs = named.filter_map(|(param, value)| Some((&*param.name, value.as_deref()?)));
        let value = self.keys.value(&context.name, pairs, cached.rev, owner);
        let cover = context.shapes.cover(values).map(|pins| {
            if pins.is_empty() {
                cached.broad.clone()
            } else {
                self.keys.token(&context.name, pins)
            }
        });
        let lookup = Lookup {
            context: Arc::clone(&context.name),
            value,
            tokens: cover.collect(),
            build: cached.build,
        };
        Some(Entry { lookup, layout: cached.layout, ttl, is_anonymous: false })
    }

    /// What a call touches by its declared targets.
    fn declared_scopes(&self, announced: &Announced) -> Vec<Scope> {
        let touched = &announced.node().touched;
        let mut scopes: Vec<Scope> = Vec::with_capacity(touched.len());
        for (at, effect) in touched.iter().enumerate() {
            // All effects of a call on one context have one scope.
            if touched[..at].iter().any(|known| known.context == effect.context) {
                continue;
            }
            let pins = announced.pins(at);
            scopes.extend(self.scope(announced.graph(), &effect.context, pins));
        }
        scopes
    }

    /// What targets cover that a function or an application names.
    pub(crate) fn scopes_of_targets<'a>(
        &self,
        graph: &Graph,
        targets: impl IntoIterator<Item = &'a Target>,
    ) -> Vec<Scope> {
        let mut scopes: BTreeMap<&str, Vec<Scope>> = BTreeMap::new();
        for target in targets {
            let of_context = scopes.entry(&target.context).or_default();
            // Beyond this number the whole context is cheaper to make stale than to name.
            let whole = of_context.len() >= MAX_TARGETS;
            let pins = target.params.iter().filter(|(_, value)| !whole && !value.is_null());
            let pins: Vec<(&str, String)> =
                pins.map(|(name, value)| (&**name, value.to_string())).collect();
            let pins = pins.iter().map(|(name, json)| (*name, &**json));
            let Some(scope) = self.scope(graph, &target.context, pins) else { continue };
            if whole {
                *of_context = vec![scope; MAX_TARGETS];
            } else if !of_context.contains(&scope) {
                of_context.push(scope);
            }
        }
        let mut all: Vec<Scope> = scopes.into_values().flatten().collect();
        all.dedup();
        all
    }

    /// The scope of one target; `pins` are names of parameters with the JSON of their values.
    fn scope<'a>(
        &self,
        graph: &Graph,
        context: &str,
        pins: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Option<Scope> {
        let id = graph.context(context)?;
        let (cached, context) = (&self.contexts[id.index()], &graph[id]);
        let mut values: Vec<Option<String>> = vec![None; context.params.len()];
        for (name, json) in pins {
            let at = context.params.iter().position(|param| *param.name == *name)?;
            values[at] = context.params[at].form.text(json).map(Cow::into_owned);
        }
        let tokens = context.shapes.touched(&values);
        let narrow = tokens.into_iter().filter(|pins| !pins.is_empty());
        Some(Scope {
            context: Arc::clone(&context.name),
            build: cached.build,
            broad: cached.broad.clone(),
            narrow: narrow.map(|pins| self.keys.token(&context.name, pins)).collect(),
        })
    }

    /// What is known without waiting: `Err` is the body of a hit.
    pub(crate) fn glance(&self, entry: &Entry) -> Result<Option<Glance>, Bytes> {
        self.engine.glance(entry)
    }

    /// The same for several entries, in one round trip to the store.
    pub(crate) async fn glance_all(&self, entries: &[Entry]) -> Glances {
        self.engine.glance_all(entries).await
    }

    /// Answers a read, from the store or by running it. `following` is called before it waits for another read.
    pub(crate) async fn read(
        &self,
        entry: Entry,
        glance: Option<Glance>,
        run: Run<'_, Error>,
        following: &(dyn Fn() + Send + Sync),
    ) -> (Result<Bytes>, CacheStatus) {
        let engine = Arc::clone(&self.engine);
        let (body, outcome) = engine.read(entry, glance, run, following).await;
        let own =
            |error: Arc<Error>| Arc::try_unwrap(error).unwrap_or_else(|shared| shared.shared());
        let status = match outcome {
            Outcome::Hit => CacheStatus::Hit,
            Outcome::Miss => CacheStatus::Miss,
            Outcome::Bypass => CacheStatus::Bypass,
        };
        (body.map_err(own), status)
    }

    /// Marks what a call is about to change.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the store cannot be notified and the policy refuses such mutations.
    pub(crate) async fn begin(this: &Arc<Self>, announced: &Announced) -> Result<Marked> {
        Self::mark(this, this.declared_scopes(announced)).await
    }

    /// The same for targets that an application names.
    pub(crate) async fn begin_targets(
        this: &Arc<Self>,
        graph: &Graph,
        targets: &[Target],
    ) -> Result<Marked> {
        Self::mark(this, this.scopes_of_targets(graph, targets)).await
    }

    async fn mark(this: &Arc<Self>, scopes: Vec<Scope>) -> Result<Marked> {
        let marks = Arc::clone(&this.engine).begin(scopes).await.map_err(refused)?;
        Ok(Marked { cache: Arc::clone(this), marks })
    }

    /// Makes everything stale that some targets cover; false where the store was not notified.
    pub(crate) async fn invalidate(&self, graph: &Graph, targets: &[Target]) -> bool {
        let scopes = self.scopes_of_targets(graph, targets);
        self.engine.invalidate(&scopes).await == Ended::Clean
    }

    pub(crate) async fn get(&self, entry: &Entry) -> Result<Option<Bytes>, Fault> {
        self.engine.get(entry).await
    }

    pub(crate) async fn put(&self, entry: &Entry, body: Bytes) -> Result<bool, Fault> {
        self.engine.put(entry, body).await
    }

    pub(crate) async fn unlink(&self, entry: &Entry) -> Result<(), Fault> {
        self.engine.unlink(entry).await
    }

    pub(crate) fn count_bypass(&self) {
        self.counters.bypasses.add();
    }
}

/// The marks of one mutation, with the cache that they are set in.
#[derive(Clone)]
pub(crate) struct Marked {
    cache: Arc<ContextCache>,
    marks: Arc<dyn AnyMarks>,
}

impl Marked {
    /// Marks more.
    pub(crate) async fn add(&self, graph: &Graph, targets: &[Target]) -> Result<()> {
        let scopes = self.cache.scopes_of_targets(graph, targets);
        self.marks.add(scopes).await.map_err(refused)
    }

    /// Marks these targets instead of those that are marked.
    pub(crate) async fn narrow<'a>(
        &self,
        graph: &Graph,
        targets: impl IntoIterator<Item = &'a Target>,
    ) -> Result<()> {
        let scopes = self.cache.scopes_of_targets(graph, targets);
        self.marks.narrow(scopes).await.map_err(refused)
    }

    /// Takes the marks off; true where the store could not be notified.
    pub(crate) async fn end(&self) -> bool {
        self.marks.end().await == Ended::Degraded
    }
}

fn refused(_: Fault) -> Error {
    Error::unavailable("this cannot be changed right now")
}

fn contexts(graph: &Graph, keys: &Keys, policy: &CachePolicy) -> Vec<Cached> {
    graph.contexts.iter().map(|context| cached(graph, context, keys, policy)).collect()
}

fn cached(graph: &Graph, context: &ContextNode, keys: &Keys, policy: &CachePolicy) -> Cached {
    let members: Vec<&Function> = context.members.iter().map(|id| &graph[*id].function).collect();
    let rules = members.iter().map(|member| match member.cache {
        CacheRule::Default => Some(policy.ttl),
        CacheRule::Never => None,
        CacheRule::Seconds(seconds) => Some(Duration::from_secs(seconds.into())),
    });
    let ttl: Option<Duration> = rules.min().flatten();
    // A page that belongs to the context is in its graph and not in its bundle.
    let widest = members.iter().map(|member| member.widest_visibility()).max();
    let rev = members.iter().fold(0i64, |sum, member| sum.saturating_add_unsigned(member.rev));
    let readers = context.params.iter().map(|param| {
        let reader =
            |(at, member): (usize, &&Function)| Some((at, member.argument(&param.name)?.0));
        members.iter().enumerate().filter_map(reader).collect()
    });
    Cached {
        ttl: ttl.filter(|_| widest.is_some_and(|widest| widest < Visibility::Raw)),
        per_user: widest == Some(Visibility::User),
        rev,
        layout: u64::from_be_bytes(digest(&layout(graph, context))),
        build: u32::from_be_bytes(digest(&build(context))),
        broad: keys.token(&context.name, []),
        readers: readers.collect(),
    }
}

/// What the tokens of a context are made of, as text: its shapes, and how their parameters are
/// written.
fn build(context: &ContextNode) -> String {
    let pinned = |at: &usize| context.shapes.shapes.iter().any(|shape| shape.contains(at));
    let params = context.params.iter().enumerate().filter(|(at, _)| pinned(at));
    let schemas = params.map(|(_, param)| param.schema.to_string());
    std::iter::once(context.shapes.text()).chain(schemas).collect::<Vec<_>>().join("\n")
}

/// What a bundle is made of, as text: members, parameters, and every type that they name.
fn layout(graph: &Graph, context: &ContextNode) -> String {
    let schemas = &graph.schemas;
    let results = context.members.iter().filter_map(|id| schemas.results[id.index()].as_ref());
    let params = context.params.iter().map(|param| &param.schema);
    let named = schemas.reached(results.clone().chain(params.clone()));
    let names = context.members.iter().map(|id| &*graph[*id].function.name);
    let mut text: Vec<String> = names.map(str::to_owned).collect();
    text.extend(results.chain(params).map(Value::to_string));
    text.extend(named.iter().filter_map(|name| schemas.defs.get(name)).map(Value::to_string));
    text.extend(context.params.iter().map(|param| param.name.to_string()));
    text.push(context.shapes.text());
    text.join("\n")
}

fn digest<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&Sha256::digest(text)[..N]);
    bytes
}

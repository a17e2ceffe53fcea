//! The cache as dispatch sees it: from typed values to entries and scopes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mizan_schema::{Target, text_of};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::counters::{CacheCounts, Counters};
use super::engine::{Engine, Entry, Outcome, Run};
use super::erased::{AnyCache, AnyMarks};
use super::keys::{Digest, Keys, Owner};
use super::marks::Ended;
use super::memory::{MemoryCache, MemoryStore};
use super::policy::CachePolicy;
#[cfg(feature = "redis")]
use super::redis::{RedisCache, RedisStore};
use super::shell::{Fault, Lookup, Scope};
use crate::dispatch::Live;
use crate::error::Result;
use crate::function::{CacheRule, Decoded};
use crate::graph::{ContextNode, ContextParam, FunctionNode, Graph};
use crate::identity::Identity;
use crate::invalidate::Invalidation;
use crate::request;
use crate::runtime::Runtime;
use crate::secret::Secret;

/// Targets of one context by hand: more stand for the whole of it.
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
pub(crate) struct Caching {
    keys: Keys,
    engine: Arc<dyn AnyCache>,
    counters: Arc<Counters>,
    /// By the position of the context.
    contexts: Vec<Cached>,
}

/// How one context is cached.
struct Cached {
    /// How long; never where there is no time.
    ttl: Option<Duration>,
    /// Whether each user has entries of their own.
    per_user: bool,
    rev: i64,
    layout: u64,
    build: u32,
    broad: Digest,
    /// For each parameter, which member of the bundle reads it by which argument.
    readers: Vec<Vec<(usize, usize)>>,
}

impl Caching {
    pub(crate) fn new(
        setup: CacheSetup,
        graph: &Graph,
        runtime: &Runtime,
        live: &Arc<Live>,
    ) -> Self {
        let CacheSetup { cache, secret, policy } = setup;
        let keys = Keys::new(secret.bytes());
        let counters = Arc::<Counters>::default();
        let contexts: Vec<Cached> =
            graph.contexts.iter().map(|context| cached(graph, context, &keys, &policy)).collect();
        let (runtime, counted) = (runtime.clone(), Arc::clone(&counters));
        let engine: Arc<dyn AnyCache> = match cache {
            Cache::Memory(cache) => {
                let shell = MemoryStore::new(cache, &policy, runtime);
                Engine::new(shell, policy, counted).counted(live)
            }
            #[cfg(feature = "redis")]
            Cache::Redis(cache) => {
                let longest = contexts.iter().filter_map(|context| context.ttl).max();
                let longest = longest.unwrap_or_default().max(policy.ttl);
                let shell =
                    RedisStore::new(cache, policy.clone(), longest, Arc::clone(&counted), runtime);
                Engine::new(shell, policy, counted).counted(live)
            }
        };
        Self { keys, engine, counters, contexts }
    }

    pub(crate) fn counts(&self) -> CacheCounts {
        self.counters.counts()
    }

    /// The entry that a read asks for; `None` where it is not cached.
    pub(crate) fn entry<'a>(
        &self,
        graph: &Graph,
        position: usize,
        members: impl Iterator<Item = &'a dyn Decoded> + Clone,
        user: Option<&Identity>,
    ) -> Option<Entry> {
        let cached = &self.contexts[position];
        cached.ttl?;
        let mut values = Vec::with_capacity(cached.readers.len());
        for readers in &cached.readers {
            let mut read = readers.iter().map(|(member, argument)| {
                match members.clone().nth(*member)?.json(*argument)? {
                    Value::Null => Some(None),
                    value => text(&value).map(Some),
                }
            });
            // A value that cannot be written names no entry, and neither does one that members read
            // differently.
            let value = match read.next() {
                Some(value) => value?,
                None => None,
            };
            if read.any(|other| other.as_ref() != Some(&value)) {
                return None;
            }
            values.push(value);
        }
        self.entry_of(graph, position, &values, user)
    }

    /// The entry with these parameters, written by hand; one that is left out has its default.
    pub(crate) fn entry_by_hand(
        &self,
        graph: &Graph,
        position: usize,
        params: &Map<String, Value>,
        user: Option<&Identity>,
    ) -> Option<Entry> {
        let value = |param: &ContextParam| {
            let value = params.get(&*param.name).or(param.default.as_ref())?;
            (!value.is_null()).then(|| text(&typed(value, &param.schema)))?
        };
        let values: Vec<Option<String>> =
            graph.contexts[position].params.iter().map(value).collect();
        self.entry_of(graph, position, &values, user)
    }

    /// The entry with these texts, one for each parameter of the context.
    fn entry_of(
        &self,
        graph: &Graph,
        position: usize,
        values: &[Option<String>],
        user: Option<&Identity>,
    ) -> Option<Entry> {
        let (cached, context) = (&self.contexts[position], &graph.contexts[position]);
        let ttl = cached.ttl?;
        let rights = user.filter(|_| cached.per_user).map(Identity::rights_digest);
        let user = user.filter(|_| cached.per_user).map(Identity::subject);
        let owner = Owner { user, rights: rights.as_deref() };
        let named = context.params.iter().zip(values);
        let pairs = named.filter_map(|(param, value)| Some((&*param.name, value.as_deref()?)));
        let value = self.keys.value(&context.name, pairs, cached.rev, owner);
        let cover = context.shapes.cover(values).map(|pins| match pins.is_empty() {
            true => cached.broad,
            false => self.keys.token(&context.name, pins),
        });
        let ask = Lookup {
            context: Arc::clone(&context.name),
            value,
            tokens: cover.collect(),
            build: cached.build,
        };
        Some(Entry { ask, layout: cached.layout, ttl })
    }

    /// What a call touches by its declared targets.
    pub(crate) fn scopes(
        &self,
        graph: &Graph,
        plan: &FunctionNode,
        invalidation: &Invalidation,
    ) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = Vec::with_capacity(plan.touched.len());
        for (at, effect) in plan.touched.iter().enumerate() {
            // All effects of a call on one context have one scope.
            if plan.touched[..at].iter().any(|known| known.context == effect.context) {
                continue;
            }
            scopes.extend(self.scope(graph, &effect.context, invalidation.pins(plan, at)));
        }
        scopes
    }

    /// What targets cover that were named by hand.
    pub(crate) fn scopes_of_targets<'a>(
        &self,
        graph: &Graph,
        targets: impl IntoIterator<Item = &'a Target>,
    ) -> Vec<Scope> {
        let mut scopes: BTreeMap<&str, Vec<Scope>> = BTreeMap::new();
        for target in targets {
            let of_context = scopes.entry(&target.context).or_default();
            // More than so many, and the whole context is cheaper to make old than to name.
            let whole = of_context.len() >= MAX_TARGETS;
            let pins = target.params.iter().filter(|(_, value)| !whole && !value.is_null());
            let pins = pins.map(|(name, value)| (&**name, value));
            let Some(scope) = self.scope(graph, &target.context, pins) else { continue };
            match whole {
                true => *of_context = vec![scope; MAX_TARGETS],
                false if !of_context.contains(&scope) => of_context.push(scope),
                false => {}
            }
        }
        let mut all: Vec<Scope> = scopes.into_values().flatten().collect();
        all.dedup();
        all
    }

    fn scope<'a>(
        &self,
        graph: &Graph,
        context: &str,
        pins: impl Iterator<Item = (&'a str, &'a Value)>,
    ) -> Option<Scope> {
        let position = graph.context(context)?;
        let (cached, context) = (&self.contexts[position], &graph.contexts[position]);
        let mut values: Vec<Option<String>> = vec![None; context.params.len()];
        for (name, value) in pins {
            let at = context.params.iter().position(|param| *param.name == *name)?;
            values[at] = text(&typed(value, &context.params[at].schema));
        }
        let tokens = context.shapes.touched(&values);
        let narrow = tokens.into_iter().filter(|pins| !pins.is_empty());
        Some(Scope {
            context: Arc::clone(&context.name),
            build: cached.build,
            broad: cached.broad,
            narrow: narrow.map(|pins| self.keys.token(&context.name, pins)).collect(),
        })
    }

    pub(crate) fn glance(&self, entry: &Entry) -> Option<Bytes> {
        self.engine.glance(entry)
    }

    pub(crate) async fn read(&self, entry: Entry, run: Run<'_>) -> (Result<Bytes>, Outcome) {
        Arc::clone(&self.engine).read(entry, run).await
    }

    pub(crate) async fn begin(&self, scopes: Vec<Scope>) -> Result<Arc<dyn AnyMarks>> {
        Arc::clone(&self.engine).begin(scopes).await
    }

    pub(crate) async fn invalidate(&self, scopes: &[Scope]) -> Ended {
        self.engine.invalidate(scopes).await
    }

    pub(crate) async fn get(&self, entry: &Entry) -> Result<Option<Bytes>, Fault> {
        self.engine.get(entry).await
    }

    pub(crate) async fn put(&self, entry: &Entry, body: Bytes) -> Result<bool, Fault> {
        self.engine.put(entry, body).await
    }

    pub(crate) async fn unlink(&self, entry: &Entry) -> Result<(), Fault> {
        self.engine.unlink(&entry.ask.context, entry.ask.value).await
    }

    pub(crate) fn bypass(&self) {
        self.counters.bypasses.add();
    }
}

fn cached(graph: &Graph, context: &ContextNode, keys: &Keys, policy: &CachePolicy) -> Cached {
    let members: Vec<_> = context.members.iter().map(|at| &graph.functions[*at].function).collect();
    let rules = members.iter().map(|member| match member.cache {
        CacheRule::Default => Some(policy.ttl),
        CacheRule::Never => None,
        CacheRule::Seconds(seconds) => Some(Duration::from_secs(seconds.into())),
    });
    let ttl: Option<Duration> = rules.min().flatten();
    // A page that belongs to the context is in its graph and not in its bundle.
    let scope = members.iter().map(|member| member.scope_of_answer()).max();
    let rev = members.iter().fold(0i64, |sum, member| sum.saturating_add_unsigned(member.rev));
    let readers = context.params.iter().map(|param| {
        let reader =
            |(at, member): (usize, &&crate::Function)| Some((at, member.param(&param.name)?.0));
        members.iter().enumerate().filter_map(reader).collect()
    });
    Cached {
        ttl: ttl.filter(|_| scope.is_some_and(|scope| scope < request::Visibility::Raw)),
        per_user: scope == Some(request::Visibility::User),
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
    let results = context.members.iter().filter_map(|at| schemas.results[*at].as_ref());
    let params = context.params.iter().map(|param| &param.schema);
    let named = schemas.reached(results.clone().chain(params.clone()));
    let names = context.members.iter().map(|at| &*graph.functions[*at].function.name);
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

/// The text of a value in keys. Both zeros of a float are one value.
fn text(value: &Value) -> Option<String> {
    let text = text_of(value)?;
    Some(if text == "-0.0" && value.is_f64() { "0.0".into() } else { text.into_owned() })
}

/// A value that was written by hand, as the type of its parameter writes it.
fn typed(value: &Value, schema: &Value) -> Value {
    let number = |kind: &Value| kind == "number";
    let is_number = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(number),
        Some(kind) => number(kind),
        None => false,
    };
    match value.as_f64() {
        Some(float) if is_number => float.into(),
        _ => value.clone(),
    }
}

//! Pages as entries of the cache.
//!
//! A page is made of its view function and of bundles. It is kept under a name that holds the stamps of all its bundles,
//! with the stamp of its own context, and all of them are taken before the view function runs. So it is found for as long
//! as none of them has changed, and is never stale by the proof of every other entry.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use mizan_cache::{Entry, Fault, Lookup, Owner, Stamp};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::ContextCache;
use crate::function::CacheRule;
use crate::graph::{ContextId, FunctionId, Graph};
use crate::secret;
use crate::visibility::Visibility;

/// The layout of a stored page; its name says what it is made of.
const LAYOUT: u64 = 1;

/// How the pages of a view function are kept.
#[derive(Debug, Clone)]
pub(crate) struct PagePlan {
    context: ContextId,
    /// For each parameter of the context the argument of the view function.
    readers: Vec<Option<usize>>,
    ttl: Duration,
}

impl PagePlan {
    /// How the pages of a function are kept.
    ///
    /// # Errors
    /// Why they are rendered for each request, where they are.
    pub(crate) fn of(
        graph: &Graph,
        id: FunctionId,
        default_ttl: Duration,
    ) -> Result<Self, Cow<'static, str>> {
        let function = &graph[id].function;
        let own = function.context.as_ref().and_then(|own| graph.context(&own.name));
        let Some(context) = own else {
            return Err(
                "it belongs to no context, so nothing says when it is stale: `context = …`".into(),
            );
        };
        match function.widest_visibility() {
            Visibility::Public => {}
            Visibility::User => return Err("it or its guard sees the caller".into()),
            Visibility::Raw => return Err("it or its guard sees the whole request".into()),
        }
        let ttl = match function.cache {
            CacheRule::Never => return Err("`cache = false`".into()),
            CacheRule::Default => default_ttl,
            CacheRule::Seconds(seconds) => Duration::from_secs(seconds.into()),
        };
        if let Some(argument) = function.arguments.iter().find(|argument| !argument.json) {
            return Err(
                format!("its argument `{}` cannot be written as JSON", argument.name).into()
            );
        }
        let node = &graph[context];
        let readers: Vec<Option<usize>> = node
            .params
            .iter()
            .map(|param| function.argument(&param.name).map(|(at, _)| at))
            .collect();
        // What is not an argument of the function could be changed for any value, and the page would not see it.
        let pinned = node.shapes.shapes.iter().flatten().find(|at| readers[**at].is_none());
        if let Some(at) = pinned {
            let param = &node.params[*at].name;
            return Err(format!(
                "it has no argument `{param}`, by which mutations narrow what they change"
            )
            .into());
        }
        Ok(Self { context, readers, ttl })
    }
}

/// What a page is made of, before it is rendered.
pub(crate) struct PageKey<'a> {
    /// The wire name of the view function.
    pub(crate) function: &'a str,
    pub(crate) plan: &'a PagePlan,
    /// Its arguments, as a JSON object.
    pub(crate) args: &'a str,
    /// A digest of everything else: the shell, the worker, the assets.
    pub(crate) build: &'a [u8],
    /// Context and parameters of each bundle.
    pub(crate) bundles: &'a [(ContextId, Map<String, Value>)],
}

impl ContextCache {
    /// Whether the bundles of a context are the same for all callers, and are kept.
    pub(crate) fn is_public(&self, context: ContextId) -> bool {
        let cached = &self.contexts[context.index()];
        cached.ttl.is_some() && !cached.per_user
    }

    /// The entry of a page, by the stamps of its bundles now. `None` while one of them is being changed, or where an
    /// argument names no entry.
    ///
    /// # Errors
    /// Where the store does not respond.
    pub(crate) async fn page_entry(
        &self,
        graph: &Graph,
        page: &PageKey<'_>,
    ) -> Result<Option<Entry>, Fault> {
        let bundles: Option<Vec<Entry>> = page
            .bundles
            .iter()
            .map(|(context, params)| self.entry_by_hand(graph, *context, params, None))
            .collect();
        let Some(bundles) = bundles else { return Ok(None) };
        let stamps = match bundles.as_slice() {
            [] => Vec::new(),
            bundles => match Arc::clone(&self.engine).stamps(bundles).await? {
                Some(stamps) => stamps,
                None => return Ok(None),
            },
        };
        Ok(self.entry_with(graph, page, &stamps))
    }

    fn entry_with(&self, graph: &Graph, page: &PageKey<'_>, stamps: &[Stamp]) -> Option<Entry> {
        let PagePlan { context: id, readers, ttl } = page.plan;
        let (cached, context) = (&self.contexts[id.index()], &graph[*id]);
        let args: Map<String, Value> = serde_json::from_str(page.args).ok()?;
        let function = &graph[graph.function(page.function)?].function;
        let mut values: Vec<Option<String>> = Vec::with_capacity(readers.len());
        for (param, reader) in context.params.iter().zip(readers) {
            let value = reader.and_then(|at| args.get(&*function.arguments[at].name));
            values.push(match value {
                None | Some(Value::Null) => None,
                Some(value) => Some(param.form.text(&value.to_string())?.into_owned()),
            });
        }
        let name = [("mizan.page", &*self.name_of(graph, page, stamps))];
        let cover = context.shapes.cover(&values).map(|pins| {
            if pins.is_empty() {
                cached.broad.clone()
            } else {
                self.keys.token(&context.name, pins)
            }
        });
        let lookup = Lookup {
            context: Arc::clone(&context.name),
            value: self.keys.value(&context.name, name, 0, Owner::default()),
            tokens: cover.collect(),
            build: cached.build,
        };
        Some(Entry { lookup, layout: LAYOUT, ttl: *ttl, is_anonymous: true })
    }

    /// Everything that a page is made of, as one text.
    fn name_of(&self, graph: &Graph, page: &PageKey<'_>, stamps: &[Stamp]) -> String {
        let mut digest = Sha256::new();
        let mut part = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        for bytes in [page.function.as_bytes(), page.args.as_bytes(), page.build] {
            part(bytes);
        }
        for ((context, params), stamp) in page.bundles.iter().zip(stamps) {
            let cached = &self.contexts[context.index()];
            part(graph[*context].name.as_bytes());
            part(&cached.layout.to_be_bytes());
            part(&cached.rev.to_be_bytes());
            part(Value::Object(params.clone()).to_string().as_bytes());
            part(&stamp.incarnation.to_be_bytes());
            stamp.generations.iter().for_each(|generation| part(&generation.to_be_bytes()));
        }
        secret::hex(&digest.finalize())
    }
}

//! The cache in the hands of an application: what changes outside of declared functions, and the
//! operations of the reference.

use mizan_cache::{CacheCounts, Fault};
use mizan_schema::Target;
use serde_json::{Map, Value};

use super::Mizan;
use crate::cache::{ContextCache, Entry};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::invalidate::checked_target;
use crate::task::{CatchUnwind, Detach};

impl Mizan {
    /// Runs work that changes what some targets cover, outside of a declared function: an import, a
    /// job, a message from elsewhere. The targets are marked before it runs and old when it has
    /// ended, whether it succeeded or not, and whether a caller still waits for it or not.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where a target does not exist or the work panics. `UNAVAILABLE` where the
    /// cache cannot be notified and the policy refuses; the work has not run then.
    ///
    /// # Examples
    /// ```standalone_crate
    /// # use mizan_core::{Context, Mizan, Result, client, functions};
    /// # #[derive(Context)] struct StockContext;
    /// # #[client(context = StockContext)] async fn stock(item: i64) -> i64 { item }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let mizan = Mizan::builder().build().unwrap();
    /// let delivered = async { 12 };
    /// let count = mizan.mutate([StockContext::target().with("item", 7)], delivered).await?;
    /// assert_eq!(count, 12);
    /// # Result::<()>::Ok(()) }).unwrap();
    /// ```
    pub async fn mutate<T: Send + 'static>(
        &self,
        targets: impl IntoIterator<Item = Target>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        let targets = self.checked(targets)?;
        let counted = self.0.in_flight.enter();
        let mizan = self.clone();
        let whole = async move {
            let _counted = counted;
            #[cfg(debug_assertions)]
            let change = mizan.0.recent.as_ref().map(|recent| recent.begin());
            let marked = match &mizan.0.cache {
                Some(cache) => {
                    Some(ContextCache::begin_targets(cache, &mizan.0.graph, &targets).await?)
                }
                None => None,
            };
            let output = CatchUnwind(Box::pin(work)).await;
            if let Some(marked) = marked
                && marked.end().await
            {
                tracing::error!("work has ended and the cache could not be notified");
            }
            #[cfg(debug_assertions)]
            mizan.ended(change, &targets);
            mizan.observed(&targets);
            output.map_err(|panic| Error::internal(format!("work in `mutate` panicked: {panic}")))
        };
        Detach::new(Box::pin(whole), || true, self.0.runtime.clone()).await
    }

    /// Makes everything stale that some targets cover, at once: something has changed that no declared
    /// function changed. Where the change can be wrapped, [`Mizan::mutate`] leaves no gap between it
    /// and this.
    ///
    /// It goes on to its end where no one waits for it.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where a target does not exist, `UNAVAILABLE` where the cache could not be
    /// notified for as long as a lease.
    pub async fn invalidate(&self, targets: impl IntoIterator<Item = Target>) -> Result<()> {
        let targets = self.checked(targets)?;
        let counted = self.0.in_flight.enter();
        let mizan = self.clone();
        let whole = async move {
            let _counted = counted;
            #[cfg(debug_assertions)]
            let change = mizan.0.recent.as_ref().map(|recent| recent.begin());
            let is_notified = match &mizan.0.cache {
                Some(cache) => cache.invalidate(&mizan.0.graph, &targets).await,
                None => true,
            };
            #[cfg(debug_assertions)]
            mizan.ended(change, &targets);
            mizan.observed(&targets);
            if is_notified { Ok(()) } else { Err(Error::unavailable("the cache does not respond")) }
        };
        Detach::new(Box::pin(whole), || true, self.0.runtime.clone()).await
    }

    /// What the cache has done since the start; `None` where there is none.
    pub fn cache_counts(&self) -> Option<CacheCounts> {
        self.0.cache.as_deref().map(ContextCache::counts)
    }

    /// The bundle that the cache holds for an entry, if it may be served. `params` are the context's
    /// parameters, `user` whose entry it is where the context sees its caller.
    ///
    /// No guard is asked.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where the context or a parameter does not exist, `UNAVAILABLE` where the cache
    /// does not respond.
    pub async fn cache_get(
        &self,
        context: &str,
        params: &Map<String, Value>,
        user: Option<&Identity>,
    ) -> Result<Option<Vec<u8>>> {
        match self.entry(context, params, user)? {
            Some((cache, entry)) => {
                let body = cache.get(&entry).await.map_err(unavailable)?;
                Ok(body.map(Vec::from))
            }
            None => Ok(None),
        }
    }

    /// Stores a bundle as that of an entry; false where nothing was stored, since there is no cache,
    /// the context is not cached, or a mutation of it is under way. The bundle must be what the
    /// functions would give now: it stays until something declared changes it. One that was computed
    /// before a mutation and is put after it is stale from the start; a read fills without that gap.
    ///
    /// # Errors
    /// As [`Mizan::cache_get`].
    pub async fn cache_put(
        &self,
        context: &str,
        params: &Map<String, Value>,
        user: Option<&Identity>,
        body: impl Into<Vec<u8>>,
    ) -> Result<bool> {
        match self.entry(context, params, user)? {
            Some((cache, entry)) => {
                cache.put(&entry, body.into().into()).await.map_err(unavailable)
            }
            None => Ok(false),
        }
    }

    /// Makes the entries of a context old that have these parameters; without any, all of them. Costs
    /// the same however many there are. The one entry that is named in full is also removed.
    ///
    /// # Errors
    /// As [`Mizan::invalidate`].
    pub async fn cache_purge(&self, context: &str, params: &Map<String, Value>) -> Result<()> {
        let mut target = Target::context(context);
        target.params.clone_from(params);
        self.invalidate([target]).await?;
        match self.entry(context, params, None)? {
            Some((cache, entry)) if !params.is_empty() => {
                cache.unlink(&entry).await.map_err(unavailable)
            }
            _ => Ok(()),
        }
    }

    /// Recent reads that these targets cover are no longer looked at.
    #[cfg(debug_assertions)]
    fn ended(&self, change: Option<super::Change>, targets: &[Target]) {
        let name = |context: crate::graph::ContextId| self.0.graph[context].name.to_string();
        change.map(|change| change.end(targets, name));
    }

    fn entry(
        &self,
        context: &str,
        params: &Map<String, Value>,
        user: Option<&Identity>,
    ) -> Result<Option<(&ContextCache, Entry)>> {
        let mut target = Target::context(context);
        target.params.clone_from(params);
        let params = &checked_target(&self.0.graph, target)?.params;
        let (Some(cache), Some(id)) = (self.0.cache.as_deref(), self.0.graph.context(context))
        else {
            return Ok(None);
        };
        let entry = cache.entry_by_hand(&self.0.graph, id, params, user);
        Ok(entry.map(|entry| (cache, entry)))
    }

    fn checked(&self, targets: impl IntoIterator<Item = Target>) -> Result<Vec<Target>> {
        targets.into_iter().map(|target| checked_target(&self.0.graph, target)).collect()
    }
}

fn unavailable(fault: Fault) -> Error {
    tracing::error!(%fault, "the cache could not be told");
    Error::unavailable("the cache does not respond")
}

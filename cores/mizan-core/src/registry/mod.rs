//! The registry: what a server offers, built once and shared by every request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mizan_schema::Target;

use crate::accounts::{Access, Accounts, Caller};
use crate::builder::Builder;
use crate::cache::Caching;
use crate::dispatch::{CatchUnwind, Live, catch};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::http::{Cors, Csrf};
use crate::identity::{Authenticator, Identity};
use crate::request::{RawRequest, RequestParts};
use crate::runtime::Runtime;

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
    pub(crate) csrf: Arc<Csrf>,
    pub(crate) cors: Option<Cors>,
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
    pub(crate) authenticator: Option<Box<dyn Authenticator>>,
    pub(crate) closing: AtomicBool,
    pub(crate) warnings: Vec<String>,
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
        Builder::linked()
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

    /// How many functions there are, private ones included.
    pub fn function_count(&self) -> usize {
        self.0.graph.functions.len()
    }

    /// How many contexts there are.
    pub fn context_count(&self) -> usize {
        self.0.graph.contexts.len()
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
        door: Access,
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

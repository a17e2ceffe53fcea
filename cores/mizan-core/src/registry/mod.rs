//! The registry: what a server offers, built once and shared by every request.

mod changes;
mod connections;
mod limits;
mod places;
mod readiness;
#[cfg(debug_assertions)]
mod recent;
mod undeclared;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mizan_schema::{Document, Manifest, Target};

use crate::accounts::{Access, Accounts, Caller};
use crate::cache::ContextCache;
use crate::error::{Error, Result};
use crate::export;
use crate::graph::Graph;
use crate::head::RequestParts;
use crate::http::{Cors, Csrf, Hosts, PageHeaders, Proxies, counted};
use crate::identity::{Authenticator, Identity};
#[cfg(feature = "pages")]
use crate::pages::{PageCounts, PageService};
use crate::rates::Rates;
use crate::replays::Replays;
use crate::request::{RawRequest, no_accounts};
use crate::task::{CatchUnwind, InFlight, InFlightGuard, Runtime, catch};

pub use connections::{ConnectionBounds, ConnectionPlace, Connections};
pub use limits::Limits;
pub(crate) use places::Places;
pub(crate) use readiness::Readiness;
#[cfg(debug_assertions)]
pub(crate) use recent::{Change, Recent, Seen};
pub use undeclared::UndeclaredEffect;

/// What is notified of every invalidation.
pub(crate) type Observer = Arc<dyn Fn(&[Target]) + Send + Sync>;

/// Everything that a server offers. Cheap to clone; every clone is the same registry.
///
/// # Examples
/// An adapter serves it. A test sends requests to it without a socket:
///
/// ```standalone_crate
/// use mizan_core::testing::TestRequest;
/// use mizan_core::{Mizan, client};
///
/// #[client]
/// fn double(number: i64) -> i64 {
///     number * 2
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let mizan = Mizan::builder().build()?;
/// assert_eq!((mizan.mount(), mizan.function_count()), ("/api/mizan", 1));
/// let response = TestRequest::call(double).arg("number", 21).send(&mizan).await;
/// assert_eq!(response.result::<i64>(), 42);
/// # Ok::<(), mizan_core::BuildError>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Mizan(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) graph: Arc<Graph>,
    pub(crate) mount: String,
    pub(crate) limits: Limits,
    pub(crate) csrf: Arc<Csrf>,
    pub(crate) cors: Option<Cors>,
    pub(crate) hosts: Hosts,
    pub(crate) page_headers: PageHeaders,
    pub(crate) readiness: Readiness,
    /// Whether responses say what the cache did.
    pub(crate) cache_status: bool,
    /// Whether an edge takes `X-Mizan-Invalidate` off.
    pub(crate) has_edge: bool,
    pub(crate) runtime: Runtime,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) places: Places,
    pub(crate) rates: Rates,
    /// What calls with a key gave, where some function is idempotent.
    pub(crate) replays: Option<Replays>,
    pub(crate) proxies: Proxies,
    pub(crate) expose_schema: bool,
    pub(crate) page_routes: Vec<(String, String)>,
    pub(crate) observer: Option<Observer>,
    /// What renders the views that are components.
    #[cfg(feature = "pages")]
    pub(crate) pages: Option<Arc<PageService>>,
    /// What every function sees of a request whose head no one reads.
    pub(crate) anonymous: Arc<RawRequest>,
    /// Whether some function, guard or authenticator reads the head of a request.
    pub(crate) needs_parts: bool,
    pub(crate) cache: Option<Arc<ContextCache>>,
    pub(crate) accounts: Option<Arc<Accounts>>,
    pub(crate) authenticator: Option<Box<dyn Authenticator>>,
    pub(crate) closing: AtomicBool,
    pub(crate) warnings: Vec<String>,
    /// Where the graph checks itself.
    #[cfg(debug_assertions)]
    pub(crate) recent: Option<Arc<Recent>>,
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
    /// The path below which the protocol is mounted, without a slash at its end.
    pub fn mount(&self) -> &str {
        &self.0.mount
    }

    /// The bounds on requests.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The address under which a server counts the connections of a peer: of IPv6 the first 64 bits, since one line
    /// has all of them. `None` for this machine itself and for a proxy of
    /// [`Builder::trusted_proxies`](crate::Builder::trusted_proxies): they may have any number.
    pub fn counted_address(&self, peer: IpAddr) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        (!peer.is_loopback() && !self.0.proxies.trusts(peer)).then(|| counted(peer))
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
        self.0.in_flight.drained().await;
        #[cfg(feature = "pages")]
        if let Some(pages) = &self.0.pages {
            pages.stop().await;
        }
    }

    /// How many calls are under way, abandoned ones included.
    pub fn live_calls(&self) -> usize {
        self.0.in_flight.count()
    }

    /// Counts a call until the guard is dropped.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the server is stopping, or has too many calls under way.
    fn count_in(&self) -> Result<InFlightGuard> {
        // Counted before the check, so that a stop either sees this call or is seen by it.
        let counted = self.0.in_flight.enter();
        if self.0.closing.load(Ordering::SeqCst) {
            return Err(Error::unavailable("the server is stopping"));
        }
        if self.0.in_flight.count() > self.0.limits.calls {
            return Err(Error::unavailable("too many calls are under way"));
        }
        Ok(counted)
    }

    /// Ends every session of a user, with every token that was given for one: for a password that was changed outside
    /// of a function. A function asks [`SessionHandle::end_all`](crate::SessionHandle::end_all).
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where the registry has no `.users(…)`, `UNAVAILABLE` where the store does not respond.
    pub async fn end_sessions(&self, subject: &str) -> Result<()> {
        let accounts = self.0.accounts.as_ref().ok_or_else(no_accounts)?;
        accounts.sessions.end_all(subject).await
    }

    /// The schema document, from which clients are generated.
    pub fn document(&self) -> Document {
        export::document(&self.0.graph)
    }

    /// The edge manifest.
    pub fn manifest(&self) -> Manifest {
        export::manifest(&self.0.graph, &self.0.mount, &self.0.page_routes)
    }

    /// What has happened to pages since the start; `None` where there are none.
    #[cfg(feature = "pages")]
    pub fn page_counts(&self) -> Option<PageCounts> {
        self.0.pages.as_ref().map(|pages| pages.counts())
    }

    pub(crate) fn is_observed(&self) -> bool {
        #[cfg(feature = "pages")]
        if self.0.pages.is_some() {
            return true;
        }
        self.0.observer.is_some()
    }

    /// Notifies the observer of what is stale, and the pages.
    pub(crate) fn observed(&self, targets: &[Target]) {
        #[cfg(feature = "pages")]
        if let Some(pages) = &self.0.pages {
            pages.known.changed(targets);
        }
        if let Some(observer) = &self.0.observer
            && let Err(panic) = catch(|| observer(targets))
        {
            tracing::error!(panic, "an observer of invalidations panicked");
        }
    }

    /// Decides who is calling.
    ///
    /// # Errors
    /// `UNAUTHORIZED` for a credential that is not good, and what the authenticator fails with.
    pub(crate) async fn caller(&self, parts: &RequestParts, access: Access) -> Result<Caller> {
        match &self.0.accounts {
            Some(accounts) => self.identify_by_accounts(accounts, parts, access).await,
            None => Ok(Caller {
                identity: self.identify_by_authenticator(parts).await?,
                ..Caller::default()
            }),
        }
    }

    async fn identify_by_accounts(
        &self,
        accounts: &Accounts,
        parts: &RequestParts,
        access: Access,
    ) -> Result<Caller> {
        let panicked = |panic| Error::internal(format!("a store of accounts panicked: {panic}"));
        CatchUnwind(Box::pin(accounts.identify(parts, access))).await.map_err(panicked)?
    }

    async fn identify_by_authenticator(&self, parts: &RequestParts) -> Result<Option<Identity>> {
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

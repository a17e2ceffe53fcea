//! What a running call changes, beyond what it declares.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mizan_schema::Target;

use crate::cache::Marked;
use crate::error::{Error, Result};
use crate::graph::{FunctionId, Graph};
use crate::invalidate::{Announced, checked_target};
use crate::request::Effects;
use crate::task::BoxFuture;

/// The effects of one call while it runs.
pub(crate) struct CallEffects {
    graph: Arc<Graph>,
    function: FunctionId,
    marked: Option<Marked>,
    /// Whether the function has begun to name what it changes.
    are_named: AtomicBool,
    overrides: Mutex<Overrides>,
}

/// What a call has said.
#[derive(Debug, Default)]
struct Overrides {
    /// What stands for the declared targets.
    narrowed: Option<Vec<Target>>,
    /// What comes on top.
    more: Vec<Target>,
}

impl fmt::Debug for CallEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallEffects").field("overrides", &self.overrides).finish_non_exhaustive()
    }
}

impl CallEffects {
    pub(crate) fn new(announced: &Announced, marked: Option<Marked>) -> Self {
        let graph = Arc::clone(announced.graph());
        let (are_named, overrides) = (AtomicBool::new(false), Mutex::default());
        Self { graph, function: announced.function(), marked, are_named, overrides }
    }

    /// The function has changed nothing: what it declares stays fresh. What it named at run time does not.
    pub(crate) async fn take_back(&self) {
        let more = self.overrides().more.clone();
        if let Some(marked) = &self.marked
            && marked.narrow(&self.graph, &more).await.is_err()
        {
            tracing::warn!(
                "a refused call makes entries of the cache stale: it could not be notified"
            );
        }
        self.overrides().narrowed = Some(Vec::new());
    }

    /// Puts what the function said into what the call announces.
    pub(crate) fn apply(&self, announced: &mut Announced) {
        let mut overrides = self.overrides();
        if overrides.narrowed.is_none() && overrides.more.is_empty() {
            return;
        }
        let (mut targets, kept) = match overrides.narrowed.take() {
            Some(named) => (named, 0),
            None => {
                let declared = announced.targets();
                let kept = declared.len();
                (declared, kept)
            }
        };
        targets.append(&mut overrides.more);
        announced.replace(targets, kept);
    }

    fn checked(&self, targets: Vec<Target>) -> Result<Vec<Target>> {
        targets.into_iter().map(|target| checked_target(&self.graph, target)).collect()
    }

    fn overrides(&self) -> MutexGuard<'_, Overrides> {
        self.overrides.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Effects for CallEffects {
    fn narrow_to(&self, targets: Vec<Target>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let touched = &self.graph[self.function].touched;
            let targets = self.checked(targets)?;
            for target in &targets {
                if !touched.iter().any(|effect| *effect.context == *target.context) {
                    let text = format!("`{}` is narrowed to, and not declared", target.context);
                    return Err(Error::internal(text));
                }
            }
            if let Some(marked) = &self.marked {
                let more = self.overrides().more.clone();
                marked.narrow(&self.graph, targets.iter().chain(&more)).await?;
            }
            self.overrides().narrowed = Some(targets);
            Ok(())
        })
    }

    fn invalidate(&self, targets: Vec<Target>) -> BoxFuture<'_, Result<()>> {
        // Before anything is marked: a call that stopped here would leave its marks to their lease.
        self.are_named.store(true, Ordering::SeqCst);
        Box::pin(async move {
            let targets = self.checked(targets)?;
            if let Some(marked) = &self.marked {
                marked.add(&self.graph, &targets).await?;
            }
            self.overrides().more.extend(targets);
            Ok(())
        })
    }

    fn are_named(&self) -> bool {
        self.are_named.load(Ordering::SeqCst)
    }
}

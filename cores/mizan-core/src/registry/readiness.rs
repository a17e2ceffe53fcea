//! Whether a server can serve now: what its parts say, asked once in a second at most.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::Mizan;
use crate::error::Result;
use crate::task::{BoxFuture, CatchUnwind};

/// How long a result is repeated, so that probes cost the application little however many come.
const KEPT: Duration = Duration::from_secs(1);
/// How long each part has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the application whether it can serve.
type ReadyCheck = Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// What to ask of the application, and what was found last.
#[derive(Default)]
pub(crate) struct Readiness {
    pub(crate) check: Option<ReadyCheck>,
    last: Mutex<Option<(Instant, Found)>>,
}

/// What the parts of a server have said.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) is_ready: bool,
    /// Name and state of each part.
    pub(crate) parts: Vec<(&'static str, &'static str)>,
}

impl Mizan {
    /// What the parts said within the last second; callers that come while they are asked wait for the same.
    pub(crate) async fn readiness(&self) -> Found {
        let mut found = self.found().await;
        if self.0.closing.load(Ordering::SeqCst) {
            found.is_ready = false;
            found.parts.push(("server", "stopping"));
        }
        found
    }

    async fn found(&self) -> Found {
        let mut last = self.0.readiness.last.lock().await;
        if let Some((when, found)) = &*last
            && when.elapsed() < KEPT
        {
            return found.clone();
        }
        let found = self.ask().await;
        *last = Some((Instant::now(), found.clone()));
        found
    }

    async fn ask(&self) -> Found {
        let mut found = Found { is_ready: true, parts: Vec::new() };
        if let Some(check) = &self.0.readiness.check {
            let works = works("application", Box::pin(async { check().await })).await;
            found.add("application", true, works);
        }
        if let Some(accounts) = &self.0.accounts {
            let works =
                works("sessions", Box::pin(async { accounts.sessions.check().await })).await;
            found.add("sessions", true, works);
        }
        if let Some(cache) = &self.0.cache {
            found.add("cache", false, works("cache", Box::pin(cache.check())).await);
        }
        #[cfg(feature = "pages")]
        if let Some(is_ready) = self.0.pages.as_ref().and_then(|pages| pages.is_ready()) {
            found.add("pages", false, is_ready);
        }
        found
    }
}

impl Found {
    fn add(&mut self, part: &'static str, is_needed: bool, works: bool) {
        self.is_ready &= works || !is_needed;
        self.parts.push((part, if works { "ok" } else { "failed" }));
    }
}

/// Whether a part says in time that it can be used. Why not is in the log alone.
async fn works(part: &str, asked: BoxFuture<'_, Result<()>>) -> bool {
    let why = match timeout(PATIENCE, CatchUnwind(asked)).await {
        Ok(Ok(Ok(()))) => return true,
        Ok(Ok(Err(error))) => format!("{error:?}"),
        Ok(Err(panic)) => format!("it panicked: {panic}"),
        Err(_) => "it took longer than 2 s".into(),
    };
    tracing::warn!(part, why, "not ready");
    false
}

//! What `/under-the-hood` shows of the pages, and the button that kills their worker.

use std::process::Command;
use std::sync::OnceLock;

use mizan_core::{Error, Mizan, Result, client};
use schemars::JsonSchema;
use serde::Serialize;

/// The registry of this process, once it is served.
static SERVED: OnceLock<Mizan> = OnceLock::new();

/// Says what is served: from then on it is counted.
pub fn watch(mizan: &Mizan) {
    let _ = SERVED.set(mizan.clone());
}

/// What has happened to pages since the start.
#[derive(Serialize, JsonSchema)]
pub struct PageLife {
    /// Renders that gave a page.
    rendered: u64,
    /// Those of them that no request had asked for.
    ahead: u64,
    /// Responses with a page that was kept.
    kept: u64,
    /// Responses with a page that the browser renders.
    by_browser: u64,
    /// Pages that this process knows.
    known: u64,
    /// Workers that are ready.
    workers: u64,
    /// Workers that died, and were replaced.
    restarts: u64,
    /// Whether the caller may kill one: in the demo.
    may_kill: bool,
}

/// What has happened to pages; null where the server renders none. A call and not a read: no mutation declares that it
/// counts.
#[client]
pub fn page_life() -> Option<PageLife> {
    let counts = SERVED.get()?.page_counts()?;
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Some(PageLife {
        rendered: counts.rendered,
        ahead: counts.ahead,
        kept: counts.kept,
        by_browser: counts.shells,
        known: number(counts.known),
        workers: number(counts.workers),
        restarts: counts.worker_deaths,
        may_kill: is_demo(),
    })
}

/// Kills the youngest worker, as a crash would. In the demo only.
#[client]
pub fn kill_worker() -> Result<()> {
    if !is_demo() {
        return Err(Error::forbidden("workers are killed in the demo only: SOUK_DEMO=1"));
    }
    let parent = std::process::id().to_string();
    // This process has no children but the workers.
    let killed = Command::new("pkill").args(["-KILL", "-n", "-P", &parent]).status();
    match killed {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Error::not_found("no worker runs at the moment")),
        Err(error) => Err(Error::internal(format!("`pkill`: {error}"))),
    }
}

fn is_demo() -> bool {
    std::env::var_os("SOUK_DEMO").is_some_and(|value| value == "1")
}

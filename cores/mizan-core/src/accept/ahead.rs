//! Pages are rendered again when something has changed that they are made of, before anyone asks for them.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;

use super::kept::{ahead, listed};
use crate::graph::FunctionId;
use crate::registry::{Inner, Mizan};

/// At most so many pages are rendered ahead at one time: they leave room for those that somebody waits for.
const AT_ONCE: usize = 2;

impl Mizan {
    /// Begins to render ahead, for as long as the registry lives.
    pub(crate) fn render_ahead(&self) {
        let Some(pages) = &self.0.pages else { return };
        if pages.plans.is_empty() {
            return;
        }
        let (known, registry) = (Arc::clone(&pages.known), Arc::downgrade(&self.0));
        let places = Arc::new(Semaphore::new(AT_ONCE));
        for listed in pages.listed.clone() {
            self.0.runtime.spawn(from_the_start(self.clone(), listed));
        }
        self.0.runtime.spawn(async move {
            let mut wait = None;
            loop {
                match wait {
                    Some(wait) => {
                        let _woken_or_due = tokio::time::timeout(wait, known.woken()).await;
                    }
                    None => known.woken().await,
                }
                let Some(inner) = registry.upgrade() else { return };
                let (due, next) = known.due(&inner.graph, Instant::now());
                wait = next;
                for id in due {
                    let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                    let mizan = Mizan(Arc::<Inner>::clone(&inner));
                    let runtime = inner.runtime.clone();
                    runtime.spawn(async move {
                        ahead(&mizan, &id).await;
                        drop(place);
                    });
                }
            }
        });
    }
}

/// Renders the pages that a function lists, one after the other.
async fn from_the_start(mizan: Mizan, of: (FunctionId, FunctionId)) {
    match listed(&mizan, of).await {
        Ok(pages) => {
            for id in &pages {
                ahead(&mizan, id).await;
            }
        }
        Err(error) => tracing::error!(%error, "the pages of a view could not be listed"),
    }
}

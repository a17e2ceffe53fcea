//! Components become pages: by the worker, or as a shell that the browser fills.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mizan_ssr::{Bundle, Render, RenderError, Rendered, Renderer};
use serde_json::value::RawValue;

use super::data::{self, PageBundle};
use super::known::KnownPages;
use super::shell::{Parts, Shell};
use crate::cache::PagePlan;
use crate::error::{Error, Result};
use crate::graph::FunctionId;
use crate::view::PageView;

/// What renders pages.
pub(crate) struct PageService {
    shell: Shell,
    renderer: Option<Renderer>,
    /// A digest of what pages are made with: no page of another build is served.
    pub(crate) build: [u8; 32],
    /// How long a request waits for a page that is being rendered.
    pub(crate) wait: Duration,
    pub(crate) serve_old: bool,
    pub(crate) known: Arc<KnownPages>,
    /// The view functions whose pages are kept.
    pub(crate) plans: HashMap<FunctionId, PagePlan>,
    /// Those of them whose pages are there from the start, with the function that lists their arguments.
    pub(crate) listed: Vec<(FunctionId, FunctionId)>,
    /// The folder of the client's files.
    pub(crate) client: PathBuf,
    counters: Counters,
}

/// A page, and whether the component is in it.
pub(crate) struct Shown {
    pub(crate) html: String,
    pub(crate) is_rendered: bool,
}

#[derive(Default)]
struct Counters {
    rendered: AtomicU64,
    ahead: AtomicU64,
    kept: AtomicU64,
    shells: AtomicU64,
}

/// What has happened to pages since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PageCounts {
    /// Renders by the worker that gave a page.
    pub rendered: u64,
    /// Those of them that no request had asked for.
    pub ahead: u64,
    /// Responses with a page that was kept.
    pub kept: u64,
    /// Responses with a page that the browser renders.
    pub shells: u64,
    /// Pages that this process knows.
    pub known: usize,
    /// Workers that have died or were ended, and were replaced.
    pub worker_deaths: u64,
    /// Workers that are ready.
    pub workers: usize,
}

impl PageService {
    pub(super) fn new(
        shell: Shell,
        renderer: Option<Renderer>,
        build: [u8; 32],
        (wait, serve_old): (Duration, bool),
        client: PathBuf,
    ) -> Self {
        Self {
            shell,
            renderer,
            build,
            wait,
            serve_old,
            known: Arc::default(),
            plans: HashMap::new(),
            listed: Vec::new(),
            client,
            counters: Counters::default(),
        }
    }

    /// Whether there is a worker.
    pub(crate) fn renders(&self) -> bool {
        self.renderer.is_some()
    }

    /// The value of the header `Link` of every page.
    pub(crate) fn link(&self) -> String {
        self.shell.link()
    }

    /// The page with its component, or without one where the worker fails: the reason is logged.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where the props cannot be written or the shell fails.
    pub(crate) async fn show(&self, page: &PageView, bundles: &[PageBundle]) -> Result<Shown> {
        let rendered = match &self.renderer {
            Some(renderer) => match render(renderer, page, bundles).await {
                Ok(rendered) => {
                    self.counters.rendered.fetch_add(1, Ordering::Relaxed);
                    missed(page, &rendered);
                    Some(rendered)
                }
                Err(error) => {
                    tracing::warn!(component = &*page.component, %error, "the browser renders a page");
                    None
                }
            },
            None => None,
        };
        self.written(page, bundles, rendered.as_ref())
    }

    /// The page without its component.
    ///
    /// # Errors
    /// As [`PageService::show`].
    pub(crate) fn empty(&self, page: &PageView, bundles: &[PageBundle]) -> Result<Shown> {
        self.written(page, bundles, None)
    }

    fn written(
        &self,
        page: &PageView,
        bundles: &[PageBundle],
        rendered: Option<&Rendered>,
    ) -> Result<Shown> {
        if rendered.is_none() {
            self.counters.shells.fetch_add(1, Ordering::Relaxed);
        }
        let data = data::whole(page, props(page)?, &data::list(bundles));
        let html = rendered.map_or("", |rendered| &rendered.html);
        let head = rendered.map_or("", |rendered| &rendered.head);
        let html = self.shell.write(&Parts { html, head, data: &data })?;
        Ok(Shown { html, is_rendered: rendered.is_some() })
    }

    pub(crate) fn count_kept(&self) {
        self.counters.kept.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_ahead(&self) {
        self.counters.ahead.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> PageCounts {
        let workers = self.renderer.as_ref().map(Renderer::counts);
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PageCounts {
            rendered: of(&self.counters.rendered),
            ahead: of(&self.counters.ahead),
            kept: of(&self.counters.kept),
            shells: of(&self.counters.shells),
            known: self.known.count(),
            worker_deaths: workers.as_ref().map_or(0, |counts| counts.died),
            workers: workers.as_ref().map_or(0, |counts| counts.ready),
        }
    }

    /// Whether pages are rendered now; `None` where there is no worker.
    pub(crate) fn is_ready(&self) -> Option<bool> {
        self.renderer.as_ref().map(Renderer::is_ready)
    }

    /// Ends the workers when their renders have ended.
    pub(crate) async fn stop(&self) {
        if let Some(renderer) = &self.renderer {
            renderer.drain().await;
        }
    }
}

/// The JSON of the props.
fn props(page: &PageView) -> Result<&str> {
    page.props.as_deref().map_err(|error| {
        Error::internal(format!(
            "the props of `{}` cannot be written as JSON: {error}",
            page.component
        ))
    })
}

async fn render(
    renderer: &Renderer,
    page: &PageView,
    bundles: &[PageBundle],
) -> Result<Rendered, RenderError> {
    let broken = |error: serde_json::Error| RenderError::Component {
        message: format!("what it reads cannot be read as JSON: {error}"),
        stack: None,
    };
    let raw = |json: &str| serde_json::from_str::<Box<RawValue>>(json);
    let props = raw(page.props.as_deref().unwrap_or("null")).map_err(broken)?;
    let texts = bundles.iter().map(|bundle| {
        let params = serde_json::value::to_raw_value(&bundle.params)?;
        Ok((params, raw(&String::from_utf8_lossy(&bundle.data))?))
    });
    let texts: Result<Vec<_>, _> = texts.collect();
    let texts = texts.map_err(broken)?;
    let bundles: Vec<Bundle<'_>> = bundles
        .iter()
        .zip(&texts)
        .map(|(bundle, (params, data))| Bundle { context: &bundle.context, params, data })
        .collect();
    renderer.render(Render { component: &page.component, props: &props, bundles: &bundles }).await
}

/// Logs what a component asked for and was not given, with the line to add.
fn missed(page: &PageView, rendered: &Rendered) {
    for missed in &rendered.missed {
        tracing::debug!(
            component = &*page.component,
            context = &*missed.context,
            params = %missed.params,
            "a page shows its loading state here: add `.with::<…>(…)` of this context to `View::page`"
        );
    }
}

//! The settings of pages.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mizan_ssr::{Renderer, WorkerCommand};
use sha2::{Digest as _, Sha256};

use super::assets::Assets;
use super::service::PageService;
use super::shell::Shell;
use crate::error::{BuildProblem, BuildProblems};

/// How pages are rendered: [`Builder::pages`](crate::Builder::pages).
///
/// # Examples
/// ```no_run
/// use mizan_core::Pages;
///
/// let pages = Pages::new("client/dist").worker("client/dist-worker/worker.js").shell("templates/shell.html");
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Pages {
    client: PathBuf,
    base: String,
    entry: Option<String>,
    shell: Option<PathBuf>,
    worker: Option<PathBuf>,
    workers: Option<usize>,
    deadline: Option<Duration>,
    wait: Duration,
    serve_old: bool,
}

impl Pages {
    /// Pages whose files are in this folder, as `vite build` has written it, with its manifest
    /// (`build.manifest: true`).
    pub fn new(client: impl Into<PathBuf>) -> Self {
        Self {
            client: client.into(),
            base: "/".into(),
            entry: None,
            shell: None,
            worker: None,
            workers: None,
            deadline: None,
            wait: Duration::from_secs(1),
            serve_old: false,
        }
    }

    /// The source of the module that begins, as the manifest names it: `"src/main.tsx"`. Default: the only entry.
    pub fn entry(mut self, entry: impl Into<String>) -> Self {
        self.entry = Some(entry.into());
        self
    }

    /// The address of the folder. Default: `/`.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// The template around a component, in the language of tera. It writes `{{ head | safe }}` into its head and
    /// `{{ page | safe }}` into its body, and may ask whether the component `has_title`. Default: a page with nothing else.
    pub fn shell(mut self, template: impl Into<PathBuf>) -> Self {
        self.shell = Some(template.into());
        self
    }

    /// The bundle of the worker, which Bun or Node runs. Default: none, and the browser renders every page.
    pub fn worker(mut self, bundle: impl Into<PathBuf>) -> Self {
        self.worker = Some(bundle.into());
        self
    }

    /// How many workers there are. Default: one for each processor, at least 2 and at most 4.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// How long a render may take. After that the browser renders the page. Default: 1 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How long a request waits for a kept page that is being rendered. After that the browser renders it.
    /// Default: 1 s.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Serves a kept page as it was before a change, where the new one is not there within [`wait`](Self::wait): an old
    /// page in place of one that the browser renders. Default: `false`, and no page is older than a change that has
    /// answered.
    pub fn serve_old(mut self, serve: bool) -> Self {
        self.serve_old = serve;
        self
    }

    /// Reads what the settings name, and starts the workers.
    pub(crate) fn resolve(
        self,
        problems: &mut BuildProblems,
        warnings: &mut Vec<String>,
    ) -> Option<PageService> {
        let assets = problems.take(Assets::read(&self.client, &self.base, self.entry.as_deref()));
        let shell = assets.map(|assets| Shell::read(self.shell.as_deref(), assets));
        let shell = shell.and_then(|shell| problems.take(shell));
        let worker = self.worker.as_deref().map(|bundle| self.bundle(bundle, warnings));
        let worker = match worker.transpose() {
            Ok(worker) => worker.flatten(),
            Err(error) => {
                problems.add(error);
                None
            }
        };
        let shell = shell?;
        let mut build = Sha256::new();
        build.update(&shell.text);
        build.update(shell.link());
        if let Some((_, bundle)) = &worker {
            build.update(Sha256::digest(bundle));
        }
        let build: [u8; 32] = build.finalize().into();
        let renderer = worker.map(|(renderer, _)| renderer);
        Some(PageService::new(shell, renderer, build, (self.wait, self.serve_old), self.client))
    }

    /// The running workers, and the bytes of their bundle. Where neither Bun nor Node is there, none.
    fn bundle(
        &self,
        path: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<Option<(Renderer, Vec<u8>)>, BuildProblem> {
        let bytes = std::fs::read(path).map_err(|error| {
            BuildProblem::new(
                format!("the worker `{}` cannot be read: {error}", path.display()),
                "build it with `vite build --ssr`, or leave `Pages::worker` out: then the browser renders",
            )
        })?;
        let command = match WorkerCommand::find(path) {
            Ok(command) => command,
            Err(missing) => {
                warnings.push(format!("pages are rendered by the browser: {missing}"));
                return Ok(None);
            }
        };
        let mut builder = Renderer::builder(command);
        if let Some(workers) = self.workers {
            builder = builder.workers(workers);
        }
        if let Some(deadline) = self.deadline {
            builder = builder.deadline(deadline);
        }
        let renderer = builder.start().map_err(|error| {
            BuildProblem::new(
                format!("the workers of pages: {error}"),
                "change the settings of `Pages`",
            )
        })?;
        Ok(Some((renderer, bytes)))
    }
}

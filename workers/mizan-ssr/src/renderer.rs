//! The handle that an application holds.

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::command::WorkerCommand;
use crate::counts::Counts;
use crate::error::{NotReady, RenderError, StartError};
use crate::pool::JobId;
use crate::render::{Render, Rendered};
use crate::settings::{Builder, Settings};
use crate::supervisor::Supervisor;

/// A pool of workers that render. Clones share it; when the last one is dropped, all workers are killed.
#[derive(Clone)]
pub struct Renderer(Arc<Owner>);

/// Ends the supervisor with the last handle.
struct Owner {
    supervisor: Arc<Supervisor>,
    thread: Option<JoinHandle<()>>,
}

impl Renderer {
    /// The settings of a pool of workers that run this command.
    pub fn builder(command: WorkerCommand) -> Builder {
        Builder::new(command)
    }

    pub(crate) fn start(command: WorkerCommand, settings: Settings) -> Result<Self, StartError> {
        // A thread of its own: deadlines hold while the application is busy, and it need not have a runtime.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(StartError::Thread)?;
        let supervisor = Supervisor::new(command, settings, runtime.handle().clone());
        let own = Arc::clone(&supervisor);
        let thread = std::thread::Builder::new().name("mizan-ssr".into());
        let thread =
            thread.spawn(move || runtime.block_on(own.run())).map_err(StartError::Thread)?;
        Ok(Self(Arc::new(Owner { supervisor, thread: Some(thread) })))
    }

    /// Renders a component. The outcome is here within the deadline. If the future is dropped, the render is given up.
    ///
    /// # Errors
    ///
    /// Why there is no page: see [`RenderError`]. Each has been counted, and logged if an operator can do something.
    pub async fn render(&self, render: Render<'_>) -> Result<Rendered, RenderError> {
        let supervisor = &self.0.supervisor;
        let params =
            render.encode(&supervisor.settings).inspect_err(|_| supervisor.count_too_large())?;
        let (job, outcome) = supervisor.submit(render.component, params)?;
        let mut waiting = Waiting { supervisor, job: Some(job) };
        let outcome = outcome.await.unwrap_or(Err(RenderError::Stopped));
        waiting.job = None;
        outcome
    }

    /// Waits until a worker is ready.
    ///
    /// # Errors
    ///
    /// The first worker ended before it was ready, or the renderer has stopped. Workers are started again all the same.
    pub async fn ready(&self) -> Result<(), NotReady> {
        let supervisor = &self.0.supervisor;
        if supervisor.ready().await {
            Ok(())
        } else {
            Err(NotReady { output: supervisor.output() })
        }
    }

    /// Whether a worker is ready.
    pub fn is_ready(&self) -> bool {
        self.0.supervisor.is_ready()
    }

    /// The names that the bundle of the last worker registers.
    pub fn components(&self) -> Vec<String> {
        self.0.supervisor.components()
    }

    /// What has happened since the start.
    pub fn counts(&self) -> Counts {
        self.0.supervisor.counts()
    }

    /// The last lines that workers wrote to stderr or stdout, oldest first: at most 200 and 64 KiB.
    pub fn output(&self) -> Vec<String> {
        self.0.supervisor.output()
    }

    /// Replaces all workers by those of another command, without losing a render. When this returns, every further
    /// render is by a worker of the new command. A swap that begins meanwhile takes the place of this one.
    ///
    /// # Errors
    ///
    /// The first worker of the new command did not become ready. The old workers go on.
    pub async fn swap(&self, command: WorkerCommand) -> Result<(), NotReady> {
        let supervisor = &self.0.supervisor;
        let generation = supervisor.swap(command);
        if supervisor.swapped(generation).await {
            Ok(())
        } else {
            Err(NotReady { output: supervisor.output() })
        }
    }

    /// Refuses new renders, waits for those that are under way, for the grace at most, and ends all workers. When this
    /// returns, no process is left.
    pub async fn drain(&self) {
        let supervisor = &self.0.supervisor;
        supervisor.stop(supervisor.settings.grace);
        supervisor.ended().await;
    }
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Renderer").field(&self.counts()).finish()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.supervisor.kill();
        if let Some(thread) = self.thread.take() {
            // Takes as long as the system needs to end the processes.
            let _ = thread.join();
        }
    }
}

/// A caller that waits. If it leaves, its render is given up.
struct Waiting<'a> {
    supervisor: &'a Arc<Supervisor>,
    job: Option<JobId>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(job) = self.job {
            self.supervisor.cancel(job);
        }
    }
}

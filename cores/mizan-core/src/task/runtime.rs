//! Where work goes on when the request that began it is gone: a runtime that outlives workers.

use std::sync::Arc;

use tokio::runtime::{self, Handle};

use crate::error::{Error, Result};

/// The runtime that was current when the registry was built, or one of its own.
#[derive(Clone)]
pub(crate) struct Runtime(Arc<Kind>);

enum Kind {
    Ambient(Handle),
    Own(Option<runtime::Runtime>),
}

impl Runtime {
    /// Takes the runtime that is current here; makes one with a single worker where none is.
    pub(crate) fn find() -> std::io::Result<Self> {
        let kind = match Handle::try_current() {
            Ok(handle) => Kind::Ambient(handle),
            Err(_) => {
                let mut builder = runtime::Builder::new_multi_thread();
                Kind::Own(Some(builder.worker_threads(1).enable_all().build()?))
            }
        };
        Ok(Self(Arc::new(kind)))
    }

    fn handle(&self) -> Option<&Handle> {
        match &*self.0 {
            Kind::Ambient(handle) => Some(handle),
            Kind::Own(runtime) => runtime.as_ref().map(runtime::Runtime::handle),
        }
    }

    /// Runs a future to its end, even if its caller goes away.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(handle) = self.handle() {
            handle.spawn(work);
        }
    }

    /// Runs blocking code on the blocking pool. A panic there goes on here.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let Some(handle) = self.handle() else {
            return Err(Error::unavailable("stopping"));
        };
        handle.spawn_blocking(work).await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Error::internal(error),
        })
    }
}

impl Drop for Kind {
    fn drop(&mut self) {
        // A runtime may not be dropped where blocking is forbidden, and the last owner may be a task.
        if let Self::Own(runtime) = self
            && let Some(runtime) = runtime.take()
        {
            runtime.shutdown_background();
        }
    }
}

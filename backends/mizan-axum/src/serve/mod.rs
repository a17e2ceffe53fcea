//! A whole server: bind, serve, and stop without losing a call.

#[cfg(feature = "compress")]
mod compressed;
mod connections;
mod files;
mod late_end;
mod listeners;
mod signals;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use mizan_core::{ConnectionBounds, Connections, Mizan, Next};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::extract::Head;
use crate::handlers::handle;
use crate::respond::respond;
use connections::Stage;
use files::Files;
use listeners::Listeners;
use signals::Signals;

/// Serves a registry on an address until SIGINT or SIGTERM. The same as [`Server::new`] and
/// [`Server::run`].
///
/// # Errors
/// As [`Server::run`].
pub async fn run(mizan: Mizan, address: impl ToSocketAddrs) -> io::Result<()> {
    Server::new(mizan).run(address).await
}

/// Runs a future on a runtime with a worker thread for each core. Connections are served there, and mutations that their
/// caller has abandoned go on there.
///
/// Logs go to standard error from here on, unless the application has set up `tracing` itself.
pub fn block_on<F: Future>(future: F) -> F::Output {
    logs();
    match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let output = runtime.block_on(future);
            // Dropping it would wait for whatever is on the blocking pool; what had to end has ended.
            runtime.shutdown_background();
            output
        }
        Err(error) => {
            eprintln!("mizan: no runtime could be started: {error}");
            std::process::exit(1)
        }
    }
}

/// Sends logs to standard error, panics among them; false where a subscriber is there already.
fn logs() -> bool {
    let format = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let layer = format.with_filter(LevelFilter::INFO);
    let is_ours = tracing_subscriber::registry().with(layer).try_init().is_ok();
    if is_ours {
        mizan_core::log_panics();
    }
    is_ours
}

/// How long connections may take to end.
const ENDING: Duration = Duration::from_secs(5);

/// A server with its settings.
#[derive(Debug)]
pub struct Server {
    mizan: Mizan,
    workers: Option<usize>,
    bounds: ConnectionBounds,
    #[cfg(feature = "assets")]
    assets: Option<std::path::PathBuf>,
}

impl Server {
    /// A server of this registry, with `/healthz` and `/readyz` ([`Mizan::probe`]) next to the mount point.
    ///
    /// `MIZAN_ASSETS` in the environment names a directory to serve, as [`Server::assets`] does.
    ///
    /// Example: `Server::new(mizan)`.
    pub fn new(mizan: Mizan) -> Self {
        Self {
            mizan,
            workers: None,
            bounds: ConnectionBounds::default(),
            #[cfg(feature = "assets")]
            assets: std::env::var_os("MIZAN_ASSETS").filter(|dir| !dir.is_empty()).map(Into::into),
        }
    }

    /// How many worker threads serve. Unless said otherwise those of the runtime that [`Server::run`] is called on: of
    /// [`block_on`] one for each core.
    ///
    /// Default: one for each core. Example: `.workers(4)`.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers.max(1));
        self
    }

    /// How many connections there may be at one time: 20,000. One more is closed before a byte of it is read.
    /// `MIZAN_CONNECTIONS` in the environment replaces it.
    ///
    /// Default: 20,000. Example: `.connections(5_000)`.
    pub fn connections(mut self, connections: usize) -> Self {
        self.bounds.all = connections;
        self
    }

    /// How many of them one address may have: 256. An IPv6 address stands for the 2^64 that share its first half.
    /// This machine itself and trusted proxies may have any number. `MIZAN_CONNECTIONS_PER_ADDRESS` in the
    /// environment replaces it.
    ///
    /// Default: 256. Example: `.connections_per_address(64)`.
    pub fn connections_per_address(mut self, connections: usize) -> Self {
        self.bounds.per_address = connections;
        self
    }

    /// How long a client may read nothing of what is sent to it: 30 s. Then its connection ends, on Linux
    /// (`TCP_USER_TIMEOUT`); elsewhere the bounds on connections stand alone. `MIZAN_SEND_TIMEOUT` in the environment,
    /// in seconds, replaces it.
    ///
    /// Default: 30 s. Example: `.send_timeout(Duration::from_secs(10))`.
    pub fn send_timeout(mut self, time: Duration) -> Self {
        self.bounds.send_timeout = time;
        self
    }

    /// Serves the files of a built client below `/`; a path that names none gets `index.html`, and below a folder
    /// `assets` a 404. They carry [`Mizan::file_headers`].
    ///
    /// Default: none. Example: `.assets("client/dist")`.
    #[cfg(feature = "assets")]
    pub fn assets(mut self, directory: impl Into<std::path::PathBuf>) -> Self {
        self.assets = Some(directory.into());
        self
    }

    /// Serves until SIGINT or SIGTERM, then stops without losing a call: no new connection is
    /// taken, running calls go to their end, and only then do the workers stop. A second signal
    /// stops at once.
    ///
    /// `MIZAN_ADDR` in the environment (`127.0.0.1:3000`, port 0 for any free one) replaces the
    /// address. The address that is served is printed on standard output. Logs go to standard
    /// error, unless the application has set up `tracing` itself.
    ///
    /// A client has 5 s for the head of a request.
    ///
    /// # Errors
    /// Where a variable of the environment or the address is invalid or cannot be bound, and where the server fails
    /// while it runs.
    pub async fn run(self, address: impl ToSocketAddrs) -> io::Result<()> {
        // Where the application has its own subscriber, that has seen the warnings of `build()` already.
        if logs() {
            self.mizan.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
        }
        let addresses: Vec<SocketAddr> = match std::env::var("MIZAN_ADDR") {
            Ok(address) if !address.is_empty() => {
                let read = address.to_socket_addrs();
                let named = |error| {
                    named(format!("MIZAN_ADDR is `{address}`, write 127.0.0.1:3000"), error)
                };
                read.map_err(named)?.collect()
            }
            _ => address.to_socket_addrs()?.collect(),
        };
        let connections = Connections::new(self.mizan.clone(), self.bounds.with_environment()?);
        let workers = self.workers.map(Workers::start).transpose()?;
        let on = workers.as_ref().map_or_else(Handle::current, Workers::handle);
        let files = Files::new(
            self.mizan.clone(),
            #[cfg(feature = "assets")]
            self.assets,
        );
        let site = Arc::new(Site { mizan: self.mizan.clone(), files });
        // Listened to from before anyone can know the address, without a gap.
        let mut signals = Signals::listen()?;
        let taken = |error| {
            named(format!("{addresses:?} cannot be served, set MIZAN_ADDR to another"), error)
        };
        let listeners = Listeners::bind(&addresses).map_err(taken)?;
        let (stage, served) = watch::channel(Stage::Serving);
        let mut accepting = JoinSet::new();
        for listener in listeners.handles()? {
            println!("mizan: serving http://{}", listener.local_addr()?);
            listener.set_nonblocking(true)?;
            let listener = {
                let _entered = on.enter();
                TcpListener::from_std(listener)?
            };
            let (connections, site) = (Arc::clone(&connections), Arc::clone(&site));
            accepting
                .spawn_on(connections::accept(listener, connections, site, served.clone()), &on);
        }
        drop(served);
        signals.next().await;
        tracing::info!("stopping: no new calls, {} under way", self.mizan.live_calls());
        accepting.shutdown().await;
        listeners.refuse();
        tokio::select! {
            () = self.mizan.stop() => {
                stage.send_replace(Stage::Ending);
                // What is not over by then is cut off.
                drop(tokio::time::timeout(ENDING, stage.closed()).await);
            }
            () = signals.next() => {
                tracing::warn!("a second signal: {} calls are cut off", self.mizan.live_calls());
            }
        }
        stage.send_replace(Stage::Over);
        Ok(())
    }
}

/// A runtime of its own for a number of workers, which ends without waiting for what runs on it.
struct Workers(Option<Runtime>);

impl Workers {
    fn start(count: usize) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(count).thread_name("mizan").enable_all().build().map(Some).map(Self)
    }

    fn handle(&self) -> Handle {
        self.0.as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What a server answers.
struct Site {
    mizan: Mizan,
    files: Files,
}

impl Site {
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let path = request.uri().path();
        let rest = path.strip_prefix(self.mizan.mount());
        let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if is_below || self.mizan.has_route(path) {
            return handle(&self.mizan, request, Some(peer)).await;
        }
        if !Mizan::PROBES.contains(&path) {
            return self.files.answer(request, peer).await;
        }
        let (head, _) = request.into_parts();
        // Whatever starts and stops processes is answered here.
        match self.mizan.probe(&Head(&head, Some(peer))) {
            Some(Next::Done(response)) => respond(response),
            Some(Next::Run(run)) => respond(run.await),
            _ => Response::default(),
        }
    }
}

/// An error that says what it is about.
fn named(what: String, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

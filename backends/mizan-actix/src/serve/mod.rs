//! A whole server: bind, serve, and stop without losing a call.

#[cfg(feature = "compress")]
mod compressed;
mod connections;
mod files;
mod listeners;
mod signals;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource, web};
use mizan_core::{ConnectionBounds, Connections, Mizan, Next};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::extract::Head;
use crate::mount::MizanExt;
use crate::respond::respond;
use connections::connected;
use files::files;
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

/// Runs a future on a runtime made for a server. Mutations that their caller has abandoned go on
/// there, so it outlives actix's workers.
///
/// Logs go to standard error from here on, unless the application has set up `tracing` itself.
pub fn block_on<F: Future>(future: F) -> F::Output {
    logs();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
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

/// Sends logs to standard error, panics among them; false where a subscriber is there already. What actix logs of each
/// of its threads is left out.
fn logs() -> bool {
    let filter = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("actix_server", LevelFilter::WARN);
    let format = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let is_ours =
        tracing_subscriber::registry().with(format.with_filter(filter)).try_init().is_ok();
    if is_ours {
        mizan_core::log_panics();
    }
    is_ours
}

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

    /// How many worker threads serve; one for each core unless said otherwise.
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
        let mizan = self.mizan.clone();
        #[cfg(feature = "assets")]
        let assets = self.assets.clone();
        let mut server = HttpServer::new(move || {
            let app = App::new().service(mizan.service()).service(probes(&mizan));
            app.configure(|config| {
                files(
                    config,
                    &mizan,
                    #[cfg(feature = "assets")]
                    assets.as_deref(),
                );
            })
        })
        .on_connect(move |connection, kept| connected(&connections, connection, kept))
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(1))
        // Anyone who closes a connection waits for no response: what may stop with its caller stops then.
        .h1_allow_half_closed(false)
        .shutdown_timeout(5)
        .disable_signals();
        if let Some(workers) = self.workers {
            server = server.workers(workers);
        }
        // Listened to from before anyone can know the address, without a gap.
        let mut signals = Signals::listen()?;
        let taken = |error| {
            named(format!("{addresses:?} cannot be served, set MIZAN_ADDR to another"), error)
        };
        let listeners = Listeners::bind(&addresses).map_err(taken)?;
        for listener in listeners.handles()? {
            server = server.listen(listener)?;
        }
        for address in server.addrs() {
            println!("mizan: serving http://{address}");
        }
        let server = server.run();
        let handle = server.handle();
        let mut serving = tokio::spawn(server);
        tokio::select! {
            () = signals.next() => {}
            ended = &mut serving => return ended.map_err(io::Error::other)?,
        }
        tracing::info!("stopping: no new calls, {} under way", self.mizan.live_calls());
        handle.pause().await;
        listeners.refuse();
        tokio::select! {
            () = self.mizan.stop() => handle.stop(true).await,
            () = signals.next() => {
                tracing::warn!("a second signal: {} calls are cut off", self.mizan.live_calls());
                handle.stop(false).await;
            }
        }
        serving.await.map_err(io::Error::other)?
    }
}

/// Answers whatever starts and stops processes.
fn probes(mizan: &Mizan) -> Resource {
    let mizan = mizan.clone();
    web::resource(Mizan::PROBES).to(move |request: HttpRequest| {
        let mizan = mizan.clone();
        async move {
            match mizan.probe(&Head(&request)) {
                Some(Next::Done(response)) => respond(response),
                Some(Next::Run(run)) => respond(run.await),
                _ => HttpResponse::NotFound().finish(),
            }
        }
    })
}

/// An error that says what it is about.
fn named(what: String, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

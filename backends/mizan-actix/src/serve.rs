//! A whole server: bind, serve, and stop without losing a call.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use mizan_core::Mizan;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::mount::MizanExt;

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

/// Sends logs to standard error; false where a subscriber is there already. What actix says of each
/// of its threads is left out.
fn logs() -> bool {
    let filter = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("actix_server", LevelFilter::WARN);
    let format = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    tracing_subscriber::registry().with(format.with_filter(filter)).try_init().is_ok()
}

/// A server with its settings.
#[derive(Debug)]
pub struct Server {
    mizan: Mizan,
    workers: Option<usize>,
    #[cfg(feature = "assets")]
    assets: Option<std::path::PathBuf>,
}

impl Server {
    /// A server of this registry, with `/healthz` beside the mount point.
    ///
    /// `MIZAN_ASSETS` in the environment names a directory to serve, as [`Server::assets`] does.
    pub fn new(mizan: Mizan) -> Self {
        Self {
            mizan,
            workers: None,
            #[cfg(feature = "assets")]
            assets: std::env::var_os("MIZAN_ASSETS").filter(|dir| !dir.is_empty()).map(Into::into),
        }
    }

    /// How many worker threads serve; one for each core unless said otherwise.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers.max(1));
        self
    }

    /// Serves the files of a built client below `/`; a path that names none gets `index.html`.
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
    /// # Errors
    /// Where `MIZAN_ADDR` or the address is invalid or cannot be bound, and where the server fails
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
        let mizan = self.mizan.clone();
        #[cfg(feature = "assets")]
        let assets = self.assets.clone();
        let mut server = HttpServer::new(move || {
            let app = App::new().service(mizan.service()).service(
                web::resource("/healthz")
                    .route(web::get().to(async || HttpResponse::Ok().body("ok")))
                    .route(web::head().to(async || HttpResponse::Ok().body("ok"))),
            );
            #[cfg(feature = "assets")]
            let app = app.configure(|config| files(config, assets.as_deref()));
            app
        })
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(1))
        .shutdown_timeout(5)
        .disable_signals();
        if let Some(workers) = self.workers {
            server = server.workers(workers);
        }
        // Heard from before anybody can know the address, and never unheard in between.
        let mut signals = Signals::listen()?;
        let taken = |error| {
            named(format!("{addresses:?} cannot be served, set MIZAN_ADDR to another"), error)
        };
        let server = server.bind(&addresses[..]).map_err(taken)?;
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

/// An error that says what it is about.
fn named(what: String, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// The signals that ask the process to end, heard from `listen` on.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    }
}

#[cfg(feature = "assets")]
fn files(config: &mut web::ServiceConfig, directory: Option<&std::path::Path>) {
    let Some(directory) = directory else { return };
    let index = directory.join("index.html");
    let page = web::get().to(move || {
        let index = index.clone();
        async move { actix_files::NamedFile::open(index) }
    });
    config.service(
        actix_files::Files::new("/", directory).index_file("index.html").default_handler(page),
    );
}

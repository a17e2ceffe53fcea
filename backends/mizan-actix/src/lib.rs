//! Serves a Mizan registry with actix-web.
//!
//! ```no_run
//! use mizan_core::Mizan;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     mizan_core::handle_cli()?;
//!     mizan_actix::block_on(async {
//!         let mizan = Mizan::builder().build()?;
//!         mizan_actix::run(mizan, "127.0.0.1:8080").await?;
//!         Ok(())
//!     })
//! }
//! ```
//!
//! In a server of your own, mount it next to everything else, and stop in this order, so that a call
//! that no one waits for any more still ends on workers that run:
//!
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use mizan_actix::MizanExt;
//! # async fn example(mizan: mizan_core::Mizan) -> std::io::Result<()> {
//! let registry = mizan.clone();
//! let server = HttpServer::new(move || App::new().service(registry.service()));
//! let server = server.bind("127.0.0.1:8080")?.disable_signals().run();
//! let (handle, serving) = (server.handle(), tokio::spawn(server));
//! tokio::signal::ctrl_c().await?;
//! handle.pause().await; // no new connections
//! mizan.stop().await; // no new calls, and those under way to their end
//! handle.stop(true).await; // then the workers
//! serving.await?
//! # }
//! ```
//!
//! This crate translates and decides nothing: what a path, a method or a header means is in
//! `mizan-core`.

#![warn(missing_docs, clippy::missing_errors_doc)]

#[cfg(feature = "compress")]
mod compress;
mod extract;
mod handlers;
mod mount;
mod names;
mod respond;
mod serve;

pub use mount::{MizanExt, MizanService};
pub use serve::{Server, block_on, run};

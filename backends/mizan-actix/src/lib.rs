//! The adapter of Mizan for actix-web.
//!
#![doc = include_str!("../README.md")]
//!
//! # In a server of your own
//!
//! Mount the registry next to everything else, and stop in this order. Then a call whose caller is gone still ends on
//! workers that run:
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

#![cfg_attr(docsrs, feature(doc_cfg))]
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

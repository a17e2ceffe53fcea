//! The adapter of Mizan for axum.
//!
#![doc = include_str!("../README.md")]
//!
//! # In a server of your own
//!
//! Mount the registry next to everything else, and stop in this order. Then a call whose caller is gone still ends:
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use axum::Router;
//! use axum::routing::get;
//! use mizan_axum::MizanExt;
//! # async fn example(mizan: mizan_core::Mizan) -> std::io::Result<()> {
//! let app = Router::new().route("/own", get(|| async { "own" })).fallback_service(mizan.service());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let service = app.into_make_service_with_connect_info::<SocketAddr>();
//! let stopped = mizan.clone();
//! let server = axum::serve(listener, service).with_graceful_shutdown(async move {
//!     drop(tokio::signal::ctrl_c().await);
//!     stopped.stop().await; // no new calls, and those under way to their end
//! });
//! server.await // then the connections
//! # }
//! ```
//!
//! `axum::serve` sets no bound on slow heads and on connections: [`Server`] does.

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

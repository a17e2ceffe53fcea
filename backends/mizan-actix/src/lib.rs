//! Serves a Mizan registry with actix-web.
//!
//! ```no_run
//! use mizan_core::Mizan;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     mizan_core::cli()?;
//!     mizan_actix::block_on(async {
//!         let mizan = Mizan::builder().build()?;
//!         mizan_actix::run(mizan, "127.0.0.1:8080").await?;
//!         Ok(())
//!     })
//! }
//! ```
//!
//! In a server of your own, mount it beside everything else and wait for running calls at the end:
//!
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use mizan_actix::MizanExt;
//! # async fn example(mizan: mizan_core::Mizan) -> std::io::Result<()> {
//! let registry = mizan.clone();
//! HttpServer::new(move || App::new().service(registry.service())).bind("127.0.0.1:8080")?.run().await?;
//! mizan.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! This crate translates and decides nothing: what a path, a method or a header means stands in
//! `mizan-core`.

#![warn(missing_docs)]

mod extract;
mod handlers;
mod mount;
mod respond;
mod serve;

pub use mount::{MizanExt, MizanService};
pub use serve::{Server, block_on, run};

//! The core of Mizan: one attribute on a function, and from it a bundled typed read or a typed
//! mutation with exact invalidation.
//!
//! ```
//! use mizan_core::{Context, Mizan, Result, client};
//!
//! #[derive(Context)]
//! pub struct UserContext; // wire name "user"
//!
//! #[client(context = UserContext)]
//! async fn user_name(user_id: i64) -> Result<String> {
//!     Ok(format!("user {user_id}"))
//! }
//!
//! #[client(affects = UserContext)]
//! async fn rename(user_id: i64, name: String) -> Result<()> {
//!     Ok(())
//! }
//!
//! let mizan = Mizan::builder().build()?; // every mistake of the graph is reported here, at once
//! assert_eq!((mizan.function_count(), mizan.context_count()), (2, 1));
//! # Ok::<(), mizan_core::BuildError>(())
//! ```
//!
//! This crate opens no listening socket: an adapter (`mizan-actix`) feeds [`Mizan::accept`] and writes the
//! [`Response`]. It never runs a generator: [`cli`] prints the schema document that one reads. Where to
//! go next: [`client`](macro@client) for the attribute, [`Builder`] for the settings, [`Error`] for
//! what a function may fail with, [`UserRequest`] for who is calling, and `docs/architecture.md`.

#![warn(missing_docs)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod accept;
mod accounts;
mod args;
mod auth;
mod builder;
mod cache;
mod config;
#[cfg(feature = "redis")]
mod connect;
mod context;
mod dispatch;
pub mod dynamic;
mod error;
mod export;
mod function;
mod graph;
mod http;
mod identity;
mod invalidate;
mod output;
mod registry;
mod request;
mod runtime;
mod secret;
mod session;
mod state;
pub mod testing;
mod token;
mod view;
mod webhook;

use __private as private;

pub use accept::{Next, PendingBody};
pub use accounts::{SessionHandle, TokenPolicy, UserStore};
pub use builder::Builder;
#[cfg(feature = "redis")]
pub use cache::RedisCache;
pub use cache::{
    Cache, CacheCounts, CachePolicy, Consistency, IfMarkFails, IfUnmarkFails, MemoryCache,
    derive_cache_key,
};
pub use context::{AffectsTarget, Context, GlobalContext};
pub use error::{ClientError, Error, ErrorCode, Result};
pub use export::{handle_cli, handle_cli_with};
pub use function::{Function, Invocation, Location};
pub use graph::{BuildError, BuildProblem};
pub use http::{CacheStatus, ContentType, Cors, ProtocolHeader, RequestHead, Response};
pub use identity::{Authenticator, Identity, IdentityFuture};
pub use invalidate::invalidate_header;
pub use mizan_macros::{Context, client, functions};
pub use mizan_schema::{Document, Manifest, Merge, MergeMode, Target};
pub use output::{BIGINT_FORMAT, BigInt};
pub use registry::{Limits, Mizan};
pub use request::{
    Headers, RawRequest, Request, RequestParts, RequestView, UserRequest, Visibility,
};
pub use secret::Secret;
#[cfg(feature = "redis")]
pub use session::RedisSessions;
pub use session::{MemorySessions, Refresh, Session, SessionStore, StoreFuture};
pub use state::State;
pub use token::KeyRing;
pub use view::View;
pub use webhook::Webhook;

/// The path below which the protocol is mounted unless the builder says otherwise.
pub const DEFAULT_MOUNT: &str = "/api/mizan";

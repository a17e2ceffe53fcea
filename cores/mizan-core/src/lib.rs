//! The core of Mizan.
//!
#![doc = include_str!("../README.md")]
//!
//! Where to go next: [`client`](macro@client) for the attribute, [`Builder`] for the settings, [`Error`] for
//! what a function may fail with, [`UserRequest`] for who is calling, [`testing`] for tests of an
//! application, and [`guide`] for the long pages. An adapter feeds [`Mizan::accept`] and writes the [`Response`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs, clippy::missing_errors_doc)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod accept;
mod accounts;
mod args;
mod builder;
mod cache;
mod clock;
mod dispatch;
mod environment;
mod error;
mod export;
mod function;
mod graph;
mod head;
mod http;
mod identity;
mod invalidate;
mod location;
mod output;
#[cfg(feature = "pages")]
mod pages;
mod percent;
mod range;
mod rates;
#[cfg(feature = "redis")]
mod redis;
mod registry;
mod replays;
mod request;
mod secret;
mod session;
mod state;
mod task;
pub mod testing;
mod token;
mod view;
mod visibility;
mod webhook;

#[cfg(feature = "pages")]
pub use accept::Exported;
pub use accept::{Next, PendingBody};
pub use accounts::{TokenPolicy, UserStore};
pub use builder::{Builder, DEFAULT_MOUNT, handle_cli, handle_cli_with};
#[cfg(feature = "redis")]
pub use cache::RedisCache;
pub use cache::{Cache, MemoryCache};
pub use error::{BuildError, BuildProblem, ClientError, Error, ErrorCode, Result};
pub use function::{
    AffectsTarget, Context, Each, EachKey, Found, Function, GlobalContext, GuardFuture, Invocation,
    dynamic,
};
pub use head::{Headers, RequestParts};
pub use http::{
    Body, CacheStatus, Chunks, Coding, ContentType, Cors, HeaderName, HeaderValue, IoChunks,
    ProtocolHeader, RequestHead, Response,
};
pub use identity::{Authenticator, Identity, IdentityFuture};
pub use invalidate::invalidate_header;
pub use location::Location;
pub use mizan_cache::{
    CacheCounts, CachePolicy, Consistency, IfMarkFails, IfUnmarkFails, derive_cache_key,
};
pub use mizan_macros::{Context, EachKey, client, functions};
pub use mizan_schema::{Document, Manifest, Merge, MergeMode, Target};
pub use output::{BIGINT_FORMAT, BigInt};
#[cfg(feature = "pages")]
pub use pages::{PageCounts, Pages};
pub use range::{CURSOR_FORMAT, CursorKey, Desc, KeyTooLong, Page, Range, Text};
#[cfg(feature = "redis")]
pub use rates::RedisRates;
pub use registry::{ConnectionBounds, ConnectionPlace, Connections, Limits, Mizan};
#[cfg(feature = "redis")]
pub use replays::RedisReplays;
pub use request::{RawRequest, Request, RequestView, SessionHandle, UserRequest};
pub use secret::Secret;
#[cfg(feature = "redis")]
pub use session::RedisSessions;
pub use session::{Exchange, MemorySessions, Refresh, Session, SessionStore, StoreFuture};
pub use state::State;
pub use task::{BoxFuture, log_panics};
pub use token::KeyRing;
pub use view::View;
pub use visibility::Visibility;
pub use webhook::Webhook;

/// The long pages. Their examples run as tests.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../guide/testing.md")]
    pub mod testing {}
    #[doc = include_str!("../guide/auth.md")]
    pub mod auth {}
    #[doc = include_str!("../guide/caching.md")]
    pub mod caching {}
    #[doc = include_str!("../guide/security.md")]
    pub mod security {}
    #[doc = include_str!("../guide/protocol.md")]
    pub mod protocol {}
    #[doc = include_str!("../guide/lists.md")]
    pub mod lists {}
    #[doc = include_str!("../guide/types.md")]
    pub mod types {}
    #[doc = include_str!("../guide/errors.md")]
    pub mod errors {}
    #[doc = include_str!("../guide/reference.md")]
    pub mod reference {}
    #[cfg(feature = "pages")]
    #[doc = include_str!("../guide/rendering.md")]
    pub mod rendering {}
}

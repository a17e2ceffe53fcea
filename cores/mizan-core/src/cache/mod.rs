//! The server cache: contexts are kept by the protocol of `mizan-cache`, and never served stale.
//!
//! `contexts` goes from typed values to entries and scopes, `memory` and `redis` are the stores.
//! `docs/caching.md` explains the protocol.

mod contexts;
mod erased;
mod memory;
#[cfg(feature = "pages")]
mod pages;
#[cfg(feature = "redis")]
mod redis;

pub use contexts::Cache;
pub(crate) use contexts::{CacheSetup, ContextCache, Marked};
pub use memory::MemoryCache;
pub(crate) use mizan_cache::{Entry, Glance};
#[cfg(feature = "pages")]
pub(crate) use pages::{PageKey, PagePlan};
#[cfg(feature = "redis")]
pub use redis::RedisCache;

//! The protocol in terms of requests and responses, for adapters of any HTTP library.
//!
//! An adapter implements [`RequestHead`], asks [`Mizan::accept`](crate::Mizan::accept) what to do, and
//! copies a [`Response`]. Paths, methods, content types, limits and CSRF are decided here.

mod coding;
mod cookie;
mod cors;
mod csrf;
mod forwarded;
mod head;
mod header;
mod hosts;
mod page_headers;
mod path;
mod response;

pub use coding::Coding;
pub(crate) use cookie::CookieNames;
pub use cors::Cors;
pub(crate) use cors::Grant;
pub(crate) use csrf::{Csrf, Provenance, is_random, origin_text};
pub(crate) use forwarded::{Proxies, counted};
pub use head::RequestHead;
pub(crate) use head::{header_text, is_json, media_type, parts};
pub(crate) use header::is_value;
pub use header::{HeaderName, HeaderValue, ProtocolHeader};
pub(crate) use hosts::Hosts;
pub(crate) use page_headers::{CONTENT_SECURITY_POLICY, PageHeaders};
pub(crate) use path::{Endpoint, below, endpoint};
pub(crate) use response::Reported;
pub use response::{Body, CacheStatus, Chunks, ContentType, IoChunks, Response};

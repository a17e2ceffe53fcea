//! Sessions of Mizan in SQLite or PostgreSQL.
//!
#![cfg_attr(feature = "sqlite", doc = include_str!("../README.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs, clippy::missing_errors_doc)]

mod database;
mod fault;
mod migrate;
mod sessions;
mod statements;

pub use sessions::SqlSessions;

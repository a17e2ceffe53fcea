//! The data contract of Mizan.
//!
#![doc = include_str!("../README.md")]
//!
//! `docs/protocol.md` describes the formats for readers in other languages.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod document;
mod manifest;
mod text;
mod wire;

pub use document::{Affected, Context, Document, Function, Kind, Param, VERSION};
pub use manifest::{
    BatchRule, MANIFEST_VERSION, Manifest, ManifestBatch, ManifestCache, ManifestContext,
    ManifestFunction, ManifestMutation, PathKind, RenderStrategy,
};
pub use text::{float_text, text_of, text_of_json};
pub use wire::{ErrorBody, ErrorCode, ErrorResponse, Merge, MergeMode, SessionChange, Target};

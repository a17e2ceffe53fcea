//! The data contract of Mizan: what crosses a process or language boundary.
//!
//! Three documents live here, and nothing that computes them:
//!
//! * [`Document`], the schema document that a backend prints and the generator reads,
//! * [`Manifest`], what an edge needs to know about contexts and mutations,
//! * the wire bodies of `ctx/` and `call/`: [`Target`], [`Merge`], [`ErrorBody`], [`ErrorCode`].
//!
//! This crate knows serde and JSON values. It does not know the registry (`mizan-core`), a socket
//! (the adapters) or a target language (`mizan-generate`). The formats are described for readers
//! in other languages in `docs/protocol.md`.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod document;
mod manifest;
mod text;
mod wire;

pub use document::{Affected, Context, Document, Function, Kind, Param, VERSION};
pub use manifest::{
    MANIFEST_VERSION, Manifest, ManifestCache, ManifestContext, ManifestFunction, ManifestMutation,
    PathKind, RenderStrategy,
};
pub use text::{float_text, text_of, text_of_json};
pub use wire::{ErrorBody, ErrorCode, ErrorResponse, Merge, MergeMode, SessionChange, Target};

//! The descriptions of a graph: schema document, edge manifest, and a listing for people.

mod document;
mod listing;
mod manifest;

pub(crate) use document::document;
pub(crate) use listing::listing;
pub(crate) use manifest::manifest;

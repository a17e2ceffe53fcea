//! What a registry says of itself: schema document, edge manifest, a listing, and the commands that
//! print them.

mod cli;
mod document;
mod listing;
mod manifest;

pub use cli::{handle_cli, handle_cli_with};

use mizan_schema::{Document, Manifest};

use crate::registry::Mizan;

impl Mizan {
    /// The schema document, from which clients are generated.
    pub fn document(&self) -> Document {
        document::document(&self.0.graph)
    }

    /// The edge manifest.
    pub fn manifest(&self) -> Manifest {
        manifest::manifest(&self.0.graph, &self.0.mount, &self.0.page_routes)
    }
}

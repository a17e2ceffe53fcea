//! The edge manifest: what a cache in front of the server may know of contexts and mutations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the manifest that this crate writes.
pub const MANIFEST_VERSION: u32 = 1;

/// Contexts and mutations as an edge sees them; both maps are sorted by wire name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format, [`MANIFEST_VERSION`].
    pub version: u32,
    /// Contexts by wire name.
    pub contexts: BTreeMap<String, ManifestContext>,
    /// Functions that affect or merge into a context, private ones included.
    pub mutations: BTreeMap<String, ManifestMutation>,
}

/// One context of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestContext {
    /// The members, sorted by name.
    pub functions: Vec<ManifestFunction>,
    /// Where the bundle is read.
    pub endpoints: Vec<String>,
    /// Names of the parameters, sorted.
    pub params: Vec<String>,
    /// The sets of parameters by which mutations narrow what they make old; the empty one is every
    /// entry, and stands first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shapes: Vec<Vec<String>>,
    /// True where an entry may differ from caller to caller.
    pub user_scoped: bool,
    /// How pages of this context are rendered.
    pub render_strategy: RenderStrategy,
    /// Routes of pages that show this context.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_routes: Vec<String>,
}

/// How pages of a context are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenderStrategy {
    /// Rendered again when a mutation touches them; the same for everybody.
    Psr,
    /// Rendered on request and cached per caller.
    DynamicCached,
}

/// One member of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFunction {
    /// The wire name.
    pub name: String,
    /// Whether it answers with data or with a page.
    pub path: PathKind,
    /// The route of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The methods of the route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The kind of guard in front of it: `required`, `staff`, `superuser` or `predicate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
}

/// Whether a function answers with data or with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    /// Data: part of the bundle.
    Rpc,
    /// A page or redirect: part of the graph only.
    View,
}

/// One mutation of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestMutation {
    /// Wire names of the contexts that it invalidates.
    pub affects: Vec<String>,
    /// Contexts into which the result is merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<String>,
    /// Arguments that narrow an invalidation, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auto_scoped_params: Vec<String>,
    /// True for a function no client can call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// The route where it is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The methods of the route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
}

//! The edge manifest: what a cache in front of the server may know of contexts and mutations.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of the manifest that this crate writes.
pub const MANIFEST_VERSION: u32 = 1;

/// Contexts and mutations as an edge sees them; both maps are sorted by wire name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format, [`MANIFEST_VERSION`].
    pub version: u32,
    /// What may be done with a request for several entries.
    pub batch: ManifestBatch,
    /// Contexts by wire name.
    pub contexts: BTreeMap<String, ManifestContext>,
    /// Functions that affect or merge into a context, private ones included.
    pub mutations: BTreeMap<String, ManifestMutation>,
}

/// What an edge may do with a request for several entries. The response is `no-store`: it is never kept as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestBatch {
    /// Where several entries are read by one request.
    pub endpoint: String,
    /// A `GET`, whose entries are in its query.
    pub get: BatchRule,
    /// A `POST`, whose entries are in its body.
    pub post: BatchRule,
}

/// How an edge may treat a request for several entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchRule {
    /// Split it into its entries: each has the data, the rules and the key of its own `GET`.
    Split,
    /// Pass it to the origin.
    Origin,
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
    /// Whether an entry may be in a request for several; only `false` is written. The origin refuses an entry that may not.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub batch: bool,
    /// True for a list: its parameters `after`, `until` and `limit` say which part is read, and are in no shape.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub range: bool,
    /// The sets of parameters by which mutations narrow what they make stale; the empty one is every
    /// entry, and is first.
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
    /// Rendered again when a mutation touches them; the same for everyone.
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
    /// The revision of what it computes, where that is not 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rev: u64,
    /// How long a cache may keep what it computes, if the function declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<ManifestCache>,
    /// How often it may be run, as the function says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rate: Vec<String>,
}

/// How long a cache may keep what a function computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestCache {
    /// Not at all: `false`.
    Never,
    /// The number of seconds.
    Seconds(u32),
}

impl Serialize for ManifestCache {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_bool(false),
            Self::Seconds(seconds) => serializer.serialize_u32(*seconds),
        }
    }
}

impl<'de> Deserialize<'de> for ManifestCache {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number of seconds, or false")]
        enum Written {
            Flag(bool),
            Seconds(u32),
        }
        match Written::deserialize(deserializer)? {
            Written::Flag(false) => Ok(Self::Never),
            Written::Flag(true) => Err(D::Error::custom("expected a number of seconds, or false")),
            Written::Seconds(seconds) => Ok(Self::Seconds(seconds)),
        }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
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
    /// How many calls of it may be under way at one time, if the function declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// How often it may be run, as the function says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rate: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_says_how_long_it_is_kept() {
        let read = |text: &str| serde_json::from_str::<ManifestFunction>(text);
        for text in [
            r#"{"name":"a","path":"rpc"}"#,
            r#"{"name":"a","path":"rpc","rev":3,"cache":60}"#,
            r#"{"name":"a","path":"rpc","cache":false}"#,
        ] {
            assert_eq!(serde_json::to_string(&read(text).unwrap()).unwrap(), text);
        }
        assert!(read(r#"{"name":"a","path":"rpc","cache":true}"#).is_err());
        assert!(read(r#"{"name":"a","path":"rpc","cache":-1}"#).is_err());
    }
}

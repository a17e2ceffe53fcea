//! The schema document: everything a generator needs to write a typed client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the schema document that this crate writes and reads.
pub const VERSION: u32 = 1;

/// What a backend offers, in one document.
///
/// Names are sorted, parameters are in order of declaration, types are JSON Schema 2020-12 whose
/// references point into `$defs`. Two builds of one program print the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The version of this format, [`VERSION`].
    pub mizan: u32,
    /// Client-callable functions by wire name. Private functions do not appear.
    pub functions: BTreeMap<String, Function>,
    /// Contexts by wire name.
    pub contexts: BTreeMap<String, Context>,
    /// Realtime channels by wire name; empty until channels exist.
    #[serde(default)]
    pub channels: BTreeMap<String, Value>,
    /// Named types, referred to as `#/$defs/<name>`.
    #[serde(rename = "$defs", default)]
    pub defs: BTreeMap<String, Value>,
}

/// How a function is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A member of a context, read with `GET ctx/<context>/`.
    Read,
    /// A function called with `POST call/`, a mutation or a standalone function.
    Call,
}

/// One function of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// How the function is reached.
    pub kind: Kind,
    /// The context a read belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// What a call invalidates, in order of declaration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affects: Vec<Affected>,
    /// Contexts into which the result of a call is merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<String>,
    /// The doc comment of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Wire arguments in order of declaration.
    pub params: Vec<Param>,
    /// The type of the result; absent for a view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// True for a function that answers with a page or a redirect instead of data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub view: bool,
    /// The form role of a form function; absent until forms exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Value>,
    /// True for a call that has one effect if it is sent again with the same `Idempotency-Key`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// True for a function that is called over the WebSocket.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub websocket: bool,
}

/// One target of a call: a context, or one function of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// The wire name of the context.
    pub context: String,
    /// The member of the context, where only that one is affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Names of the context's parameters that the call's arguments pin; empty means every entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<String>,
}

/// One context of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The union of the members' parameters, sorted by name.
    pub params: Vec<Param>,
    /// Wire names of the members whose values the bundle holds, sorted.
    pub functions: Vec<String>,
    /// Whether several entries may be read by one request, `GET ctx/`; only `false` is written.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub batch: bool,
    /// The doc comment of the context type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
}

fn yes() -> bool {
    true
}

/// One wire argument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// The wire name.
    pub name: String,
    /// The type, as JSON Schema.
    pub schema: Value,
    /// False where the argument may be left out.
    pub required: bool,
    /// The value taken when the argument is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// True for `after`, `until` and `limit` of a list: they say which part of it is read, and no call pins them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub range: bool,
}

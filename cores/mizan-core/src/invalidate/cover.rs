//! Which entries a target makes old.

use mizan_schema::Target;
use serde_json::{Map, Value};

use crate::args::text_of;

/// Whether a target covers an entry of a context: each of its parameters is equal as text in the
/// entry, or null or absent there (a null often means "all").
///
/// ```
/// use mizan_core::{Target, covers};
/// let entry = serde_json::json!({"user_id": 5, "page": null});
/// let entry = entry.as_object().unwrap();
/// let target = |text| serde_json::from_str::<Target>(text).unwrap();
/// assert!(covers(&target(r#"{"context":"user","params":{"user_id":"5","page":2}}"#), "user", entry));
/// assert!(!covers(&target(r#"{"context":"user","params":{"user_id":6}}"#), "user", entry));
/// ```
pub fn covers(target: &Target, context: &str, entry: &Map<String, Value>) -> bool {
    let equal = |(name, value): (&String, &Value)| match entry.get(name) {
        None | Some(Value::Null) => true,
        Some(own) => text_of(own) == text_of(value),
    };
    target.context == context && target.params.iter().all(equal)
}

//! Results compared with the schema that clients are generated from: feature `check-results`, in builds
//! with debug assertions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value};

/// What a function says that it returns.
pub(crate) struct ResultSchema {
    schema: Value,
    defs: Arc<BTreeMap<String, Value>>,
    /// Compiled when a result is first written; `None` for a schema that says nothing.
    validator: OnceLock<Option<Validator>>,
}

impl fmt::Debug for ResultSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResultSchema").field(&self.schema).finish()
    }
}

impl ResultSchema {
    pub(super) fn new(schema: &Value, defs: &Arc<BTreeMap<String, Value>>) -> Self {
        let (schema, defs) = (schema.clone(), Arc::clone(defs));
        Self { schema, defs, validator: OnceLock::new() }
    }

    /// Compares a result with its schema.
    ///
    /// # Errors
    /// Place, value and what was expected, for the log.
    pub(crate) fn check(&self, json: &[u8]) -> Result<(), String> {
        let validator = self.validator.get_or_init(|| {
            let mut schema = self.schema.clone();
            let defs = reached(&schema, &self.defs);
            schema.as_object_mut()?.insert("$defs".into(), Value::Object(defs));
            // Formats such as `int64` are notes for generators, and ranges stand beside them.
            jsonschema::options().should_validate_formats(false).build(&schema).ok()
        });
        let Some(validator) = validator else { return Ok(()) };
        let value: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match validator.iter_errors(&value).next() {
            None => Ok(()),
            Some(error) => Err(format!(
                "its result is not what its schema says, at `{}`: {error}, by `{}`. \
                 `#[schemars(with = \"…\")]` gives a field the type that it is written as",
                error.instance_path(),
                error.schema_path(),
            )),
        }
    }
}

/// The definitions that a schema names, and those that they name: with all of a large registry, each
/// validator would take as long to compile as the whole document.
fn reached(schema: &Value, defs: &BTreeMap<String, Value>) -> Map<String, Value> {
    let mut reached = Map::new();
    let mut pending = vec![schema];
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                let name = reference.and_then(|reference| reference.strip_prefix("#/$defs/"));
                // As it is written in a pointer.
                let name = name.map(|name| name.replace("~1", "/").replace("~0", "~"));
                if let Some((name, def)) = name.and_then(|name| defs.get_key_value(&name))
                    && !reached.contains_key(name)
                {
                    reached.insert(name.clone(), def.clone());
                    pending.push(def);
                }
                pending.extend(members.values());
            }
            _ => {}
        }
    }
    reached
}

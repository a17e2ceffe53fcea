//! Results compared with the schema that clients are generated from: feature `check-results`, in builds
//! with debug assertions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::closed;
use super::schemas::reached;

/// What a function declares as its return type.
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
            // With all of a large registry, each validator would take as long as the whole document.
            let names = reached(std::iter::once(&self.schema), &self.defs);
            let open = names
                .into_iter()
                .filter_map(|name| Some((name.clone(), self.defs.get(&name)?.clone())));
            let open: Map<String, Value> = open.collect();
            let (mut schema, mut defs) = (self.schema.clone(), open.clone());
            defs.values_mut().for_each(|def| closed::below(def, &open));
            closed::close(&mut schema, &open);
            schema.as_object_mut()?.insert("$defs".into(), Value::Object(defs));
            // Formats such as `int64` are notes for generators, and ranges are next to them.
            let built = jsonschema::options().should_validate_formats(false).build(&schema);
            built
                .inspect_err(|error| {
                    tracing::warn!(%error, "results are not compared with a schema that is not valid");
                })
                .ok()
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

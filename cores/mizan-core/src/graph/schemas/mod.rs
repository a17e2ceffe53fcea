//! JSON Schemas of every parameter and result, with one set of definitions.
//!
//! `describe` has schemars describe everything, `classes` finds out which definitions are one type,
//! `naming` and `words` give each type a name.

mod circles;
mod classes;
mod describe;
mod naming;
mod refs;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::classes::{Class, Classes};
use self::describe::{Described, Side};
use self::refs::{each, reference};
pub(super) use self::refs::{reached, target};
use crate::function::Function;

/// The schemas of a set of functions, by position.
#[derive(Debug, Default)]
pub(crate) struct SchemaBook {
    pub(crate) params: Vec<Vec<Value>>,
    /// `None` for a view.
    pub(crate) results: Vec<Option<Value>>,
    pub(crate) defs: BTreeMap<String, Value>,
}

impl SchemaBook {
    pub(super) fn read(functions: &[Function]) -> Self {
        let described = |side| {
            let described = Described::new(functions, side, &BTreeSet::new());
            let bases = described.bases(functions, side);
            (side, described, bases)
        };
        let (input, output) = (described(Side::Input), described(Side::Output));
        let classes = Classes::new([(input.0, &input.1, input.2), (output.0, &output.1, output.2)]);
        let names = naming::names(&classes.all);
        let roots = |side, mut roots: Vec<Vec<Value>>| {
            for schema in roots.iter_mut().flatten() {
                classes.enter(side, schema);
                name_references(schema, &names);
            }
            roots
        };
        let params = roots(Side::Input, input.1.roots);
        let results = roots(Side::Output, output.1.roots);
        let named = classes.all.into_iter().zip(&names).map(|(Class { mut schema, .. }, name)| {
            name_references(&mut schema, &names);
            (name.clone(), schema)
        });
        let defs = named.collect();
        let results = results.into_iter().map(|mut result| result.pop()).collect();
        Self { params, results, defs }
    }

    /// Follows references until there is none.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        // A chain of references is as long as there are definitions, at most.
        for _ in 0..=self.defs.len() {
            match target(schema).and_then(|name| self.defs.get(&*name)) {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    /// Whether values of a type are scalars, or lists of scalars if `list` is true.
    pub(super) fn is_flat(&self, schema: &Value, list: bool) -> bool {
        self.is_flat_within(schema, list, 16)
    }

    /// A type that holds itself is as deep as it likes, and not flat.
    fn is_flat_within(&self, schema: &Value, list: bool, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let schema = self.resolve(schema);
        let stripped = without_null(schema);
        let schema = self.resolve(&stripped);
        let scalar = |name: &Value| {
            matches!(name.as_str(), Some("string" | "integer" | "number" | "boolean"))
        };
        match schema.get("type") {
            Some(Value::Array(names)) => names.iter().all(scalar),
            Some(name) if name == "array" => {
                list && schema
                    .get("items")
                    .is_some_and(|items| self.is_flat_within(items, false, depth))
            }
            Some(name) => scalar(name),
            None => {
                let choices = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key)?.as_array());
                match (choices, schema.get("enum").and_then(Value::as_array), schema.get("const")) {
                    (Some(choices), ..) => {
                        choices.iter().all(|choice| self.is_flat_within(choice, false, depth))
                    }
                    (None, Some(values), _) => {
                        values.iter().all(|value| !value.is_object() && !value.is_array())
                    }
                    (None, None, Some(value)) => !value.is_object() && !value.is_array(),
                    (None, None, None) => false,
                }
            }
        }
    }

    /// Whether a schema is what `Result` looks like: `{"Ok": …}` or `{"Err": …}`.
    pub(super) fn is_result(&self, schema: &Value) -> bool {
        let choices = self.resolve(schema).get("oneOf").and_then(Value::as_array);
        choices.is_some_and(|choices| {
            let has =
                |key: &str| choices.iter().any(|choice| choice["properties"].get(key).is_some());
            choices.len() == 2 && has("Ok") && has("Err")
        })
    }

    /// Whether a `Result` hides anywhere inside a schema.
    pub(super) fn holds_result(&self, schema: &Value) -> bool {
        let mut seen = Vec::new();
        let mut open = vec![schema];
        while let Some(value) = open.pop() {
            if self.is_result(value) {
                return true;
            }
            match value {
                Value::Object(map) => open.extend(map.values()),
                Value::Array(items) => open.extend(items),
                _ => {}
            }
            if let Some(name) = value.get("$ref").and_then(Value::as_str)
                && !seen.contains(&name)
            {
                seen.push(name);
                open.push(self.resolve(value));
            }
        }
        false
    }
}

/// Writes references to names in place of numbers of classes.
fn name_references(schema: &mut Value, names: &[String]) {
    each(schema, &mut |number| {
        let class = number.as_u64().and_then(|class| usize::try_from(class).ok());
        if let Some(name) = class.and_then(|class| names.get(class)) {
            *number = reference(name).into();
        }
    });
}

/// A schema without the alternative of null, so that `T` and `Option<T>` compare equal.
pub(super) fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(object) = schema.as_object_mut() {
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = &types[..] {
                let only = only.clone();
                object.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(values)) = object.get_mut("enum") {
            values.retain(|value| !value.is_null());
        }
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
            if let [only] = &choices[..] {
                return only.clone();
            }
        }
    }
    schema
}

impl SchemaBook {
    /// Names of the definitions that a document refers to, directly or through others.
    pub(crate) fn used_by(&self, document: &mizan_schema::Document) -> BTreeSet<String> {
        let functions = document.functions.values().flat_map(|function| {
            function.params.iter().map(|param| &param.schema).chain(&function.result)
        });
        let contexts = document.contexts.values();
        let params = contexts.flat_map(|context| context.params.iter().map(|param| &param.schema));
        self.reached(functions.chain(params))
    }

    /// Names of the definitions that schemas refer to, directly or through others.
    pub(crate) fn reached<'a>(
        &'a self,
        schemas: impl Iterator<Item = &'a Value>,
    ) -> BTreeSet<String> {
        reached(schemas, &self.defs)
    }
}

//! JSON Schemas of every parameter and result, with one set of definitions.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::report::Report;
use crate::error::BuildProblems;
use crate::function::{Function, OutputKind};

const DEFS: &str = "#/$defs/";

/// The schemas of a set of functions, by position.
#[derive(Debug, Default)]
pub(crate) struct SchemaBook {
    pub(crate) params: Vec<Vec<Value>>,
    /// `None` for a view.
    pub(crate) results: Vec<Option<Value>>,
    pub(crate) defs: BTreeMap<String, Value>,
}

impl SchemaBook {
    pub(super) fn read(functions: &[Function], report: &mut BuildProblems) -> Self {
        let (mut inputs, mut outputs) = (generator(true), generator(false));
        let mut book = Self::default();
        for function in functions {
            let params =
                function.arguments.iter().map(|param| (param.schema)(&mut inputs).to_value());
            book.params.push(params.collect());
            book.results.push(result(function, &mut outputs));
        }
        let mut input_defs: BTreeMap<_, _> = inputs.take_definitions(true).into_iter().collect();
        let output_defs: BTreeMap<_, _> = outputs.take_definitions(true).into_iter().collect();
        for (defs, is_input) in [(&input_defs, true), (&output_defs, false)] {
            for name in collisions(defs, functions, is_input) {
                let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
                let needle = format!("{DEFS}{name}");
                let uses = |schemas: &[&Value]| {
                    schemas.iter().any(|schema| mentions(schema, &needle, defs))
                };
                let parties: Vec<&Function> = functions
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| {
                        if is_input {
                            uses(&book.params[*at].iter().collect::<Vec<_>>())
                        } else {
                            uses(&book.results[*at].iter().collect::<Vec<_>>())
                        }
                    })
                    .map(|(_, function)| function)
                    .collect();
                report.report(
                    format!("two types are called `{base}`, and a client can have one of that name"),
                    &parties,
                    "rename one with `#[schemars(rename = \"…\")]`; the second of them is used by the functions above",
                );
            }
        }
        // Where reading and writing differ (skipped fields, defaults), the input gets its own name.
        let differing = differing(&input_defs, &output_defs);
        for schema in input_defs.values_mut().chain(book.params.iter_mut().flatten()) {
            rename_refs(schema, &differing);
        }
        book.defs = output_defs;
        for (name, schema) in input_defs {
            match differing.get(&name) {
                Some(renamed) => book.defs.insert(renamed.clone(), schema),
                None => book.defs.insert(name, schema),
            };
        }
        book
    }

    /// Follows references until there is none.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        // A chain of references is as long as there are definitions, at most.
        for _ in 0..=self.defs.len() {
            let reference = schema.get("$ref").and_then(Value::as_str);
            match reference.and_then(|r| r.strip_prefix(DEFS)).and_then(|name| self.defs.get(name))
            {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    /// Whether values of a type are scalars, or lists of scalars where `list` says so.
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

fn generator(input: bool) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12();
    if input {
        settings.for_deserialize().into_generator()
    } else {
        settings.for_serialize().into_generator()
    }
}

fn result(function: &Function, generator: &mut SchemaGenerator) -> Option<Value> {
    match &function.output {
        OutputKind::Value(schema) => Some(schema(generator).to_value()),
        OutputKind::View => None,
    }
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

/// Names of definitions whose input and output differ, with the name that the input gets.
fn differing(
    inputs: &BTreeMap<String, Value>,
    outputs: &BTreeMap<String, Value>,
) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    loop {
        // A definition that refers to a renamed one differs too, so this runs until nothing changes.
        let before = names.len();
        for (name, input) in inputs {
            let mut renamed = input.clone();
            rename_refs(&mut renamed, &names);
            if outputs.get(name).is_some_and(|output| *output != renamed)
                && !names.contains_key(name)
            {
                let mut free = format!("{name}Input");
                while inputs.contains_key(&free) || outputs.contains_key(&free) {
                    free.push('_');
                }
                names.insert(name.clone(), free);
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

fn rename_refs(schema: &mut Value, names: &BTreeMap<String, String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => {
                        let renamed = text.strip_prefix(DEFS).and_then(|name| names.get(name));
                        if let Some(renamed) = renamed {
                            *text = format!("{DEFS}{renamed}");
                        }
                    }
                    value => rename_refs(value, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_refs(item, names)),
        _ => {}
    }
}

fn mentions(schema: &Value, needle: &str, defs: &BTreeMap<String, Value>) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => open.extend(map.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            continue;
        };
        if reference == needle {
            return true;
        }
        if !seen.contains(&reference) {
            seen.push(reference);
            open.extend(reference.strip_prefix(DEFS).and_then(|name| defs.get(name)));
        }
    }
    false
}

thread_local! {
    static TAKEN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A type whose name is whatever [`TAKEN`] holds.
struct Taken;

impl JsonSchema for Taken {
    fn schema_name() -> Cow<'static, str> {
        TAKEN.with_borrow(|name| name.clone().into())
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}

/// Definitions that stand for a second type of one name, which schemars calls `Name2`.
///
/// A type that really is called `Name2` looks the same. So the name is taken by a type of our own,
/// and everything described again: then the real one becomes `Name22`, and a second `Name` becomes
/// `Name3`.
fn collisions(defs: &BTreeMap<String, Value>, functions: &[Function], input: bool) -> Vec<String> {
    let suspect = |name: &&String| {
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
        base.len() < name.len() && defs.contains_key(base)
    };
    let second = |name: &&String| {
        TAKEN.set((*name).clone());
        let mut again = generator(input);
        again.subschema_for::<Taken>();
        for function in functions {
            if input {
                function.arguments.iter().for_each(|param| drop((param.schema)(&mut again)));
            } else {
                drop(result(function, &mut again));
            }
        }
        !again.definitions().contains_key(&format!("{name}2"))
    };
    defs.keys().filter(suspect).filter(second).cloned().collect()
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
        let mut used = BTreeSet::new();
        let mut open: Vec<&Value> = schemas.collect();
        while let Some(value) = open.pop() {
            match value {
                Value::Object(map) => open.extend(map.values()),
                Value::Array(items) => open.extend(items),
                _ => {}
            }
            let reference =
                value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix(DEFS));
            if let Some(name) = reference
                && used.insert(name.to_owned())
            {
                open.extend(self.defs.get(name));
            }
        }
        used
    }
}

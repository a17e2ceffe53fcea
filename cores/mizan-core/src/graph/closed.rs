//! A schema that says nothing of a property allows it. Compared with results, such a property is one that
//! TypeScript does not know, so the schemas of results are closed: what is not described may not be there.

use serde_json::{Map, Value, json};

use super::schemas::target;

/// Schemas below which nothing is described but values.
const OF_VALUES: &[&str] = &["items", "additionalProperties"];
/// The same in lists and maps.
const OF_MANY: &[&str] = &["prefixItems"];
const BY_NAME: &[&str] = &["properties", "patternProperties"];
/// Schemas of the very value that the schema around them is of.
const OF_ITSELF: &[&str] = &["allOf", "anyOf", "oneOf"];

/// Closes the schema of a value, and those of all values below it.
pub(super) fn close(schema: &mut Value, defs: &Map<String, Value>) {
    below(schema, defs);
    if is_described(schema, defs, 0)
        && let Value::Object(words) = schema
    {
        words.entry("unevaluatedProperties").or_insert(json!(false));
    }
}

/// Closes what is below a schema that is next to others for one value, and so may describe a part of it.
pub(super) fn below(schema: &mut Value, defs: &Map<String, Value>) {
    let Value::Object(words) = schema else { return };
    for (word, inner) in words.iter_mut() {
        match (word.as_str(), inner) {
            (word, inner) if OF_VALUES.contains(&word) => close(inner, defs),
            (word, Value::Array(list)) if OF_MANY.contains(&word) => {
                list.iter_mut().for_each(|schema| close(schema, defs));
            }
            (word, Value::Object(named)) if BY_NAME.contains(&word) => {
                named.values_mut().for_each(|schema| close(schema, defs));
            }
            (word, Value::Array(list)) if OF_ITSELF.contains(&word) => {
                list.iter_mut().for_each(|schema| below(schema, defs));
            }
            _ => {}
        }
    }
}

/// How far references are followed; a schema that goes on refers to itself.
const DEPTH: usize = 32;

/// Whether a schema names properties, and no part of it allows just any object.
fn is_described(schema: &Value, defs: &Map<String, Value>, depth: usize) -> bool {
    names_properties(schema, defs, depth) && !is_open(schema, defs, depth)
}

fn names_properties(schema: &Value, defs: &Map<String, Value>, depth: usize) -> bool {
    schema.get("properties").is_some()
        || parts(schema, defs, depth).any(|part| names_properties(part, defs, depth + 1))
}

/// Whether the schema, or one that stands for it, says nothing of an object that it allows.
fn is_open(schema: &Value, defs: &Map<String, Value>, depth: usize) -> bool {
    let Value::Object(words) = schema else { return true };
    let has = |word: &str| words.contains_key(word);
    let mut inner = parts(schema, defs, depth).peekable();
    if inner.peek().is_some() {
        return inner.any(|part| is_open(part, defs, depth + 1));
    }
    let allows = match words.get("type") {
        Some(Value::String(name)) => name == "object",
        Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
        _ => !has("const") && !has("enum"),
    };
    allows && !["properties", "additionalProperties", "patternProperties"].into_iter().any(has)
}

/// The schemas that stand for the same value.
fn parts<'s>(
    schema: &'s Value,
    defs: &'s Map<String, Value>,
    depth: usize,
) -> impl Iterator<Item = &'s Value> {
    let lists = OF_ITSELF.iter().filter_map(|word| schema.get(word)?.as_array()).flatten();
    let named = target(schema).and_then(|name| defs.get(&*name));
    lists.chain(named).filter(move |_| depth < DEPTH)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::close;

    /// Whether a value is what a closed schema says.
    #[track_caller]
    fn check(schema: Value, value: Value, is_fine: bool) {
        let defs = json!({
            "Point": { "type": "object", "properties": { "x": { "type": "integer" } } },
            "Tree": {
                "type": "object",
                "properties": { "left": { "anyOf": [{ "$ref": "#/$defs/Tree" }, { "type": "null" }] } },
            },
        });
        let (Value::Object(mut defs), mut schema) = (defs, schema) else { return };
        close(&mut schema, &defs);
        let open = defs.clone();
        defs.values_mut().for_each(|def| super::below(def, &open));
        if let Value::Object(words) = &mut schema {
            words.insert("$defs".into(), Value::Object(defs));
        }
        let validator = jsonschema::options().build(&schema).unwrap();
        assert_eq!(validator.is_valid(&value), is_fine, "{value} by {schema}");
    }

    #[test]
    fn a_property_that_no_schema_describes_is_found() {
        let point = || json!({ "$ref": "#/$defs/Point" });
        let object = |words: Value| {
            let mut schema = json!({ "type": "object" });
            schema.as_object_mut().unwrap().append(&mut words.as_object().unwrap().clone());
            schema
        };
        for (schema, fine, wrong) in [
            (point(), json!({ "x": 1 }), json!({ "x": 1, "kind": "Point" })),
            (
                json!({ "type": "array", "items": point() }),
                json!([{ "x": 1 }]),
                json!([{ "y": 1 }]),
            ),
            (
                json!({ "anyOf": [point(), { "type": "null" }] }),
                json!(null),
                json!({ "x": 1, "y": 1 }),
            ),
            (
                object(json!({ "additionalProperties": point() })),
                json!({ "a": { "x": 1 } }),
                json!({ "a": { "y": 1 } }),
            ),
            (
                json!({ "$ref": "#/$defs/Tree" }),
                json!({ "left": { "left": null } }),
                json!({ "left": { "left": { "right": null } } }),
            ),
            // What is next to it describes the rest: `flatten`, and an enum with a tag.
            (
                object(json!({ "properties": { "id": {} }, "allOf": [point()] })),
                json!({ "id": 1, "x": 1 }),
                json!({ "id": 1, "y": 1 }),
            ),
            (
                json!({ "oneOf": [object(json!({ "properties": { "t": { "const": "a" } }, "required": ["t"] }))] }),
                json!({ "t": "a" }),
                json!({ "t": "a", "x": 1 }),
            ),
        ] {
            check(schema.clone(), fine, true);
            check(schema, wrong, false);
        }
        // What says nothing allows everything.
        for open in [json!(true), json!({}), json!({ "type": "object" })] {
            check(open.clone(), json!({ "x": 1 }), true);
            check(
                object(json!({ "properties": { "id": {} }, "allOf": [open] })),
                json!({ "y": 1 }),
                true,
            );
        }
        let map = object(json!({ "properties": { "id": {} }, "additionalProperties": true }));
        check(map, json!({ "y": 1 }), true);
    }
}

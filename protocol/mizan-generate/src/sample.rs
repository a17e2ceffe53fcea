//! A synthetic document of any size, for benches and tests. The same size gives the same document.

use mizan_schema::{Document, VERSION};
use serde_json::{Value, json};

/// A document with this many functions: of every ten, six are reads of one context, four are
/// calls that invalidate it, and the ten share two types.
pub fn document(functions: usize) -> Document {
    let mut document = Document {
        mizan: VERSION,
        functions: Default::default(),
        contexts: Default::default(),
        channels: Default::default(),
        defs: Default::default(),
    };
    for group in 0..functions.div_ceil(10) {
        document.defs.extend(types(group));
        let mut members = Vec::new();
        for index in (group * 10..functions).take(10) {
            let name = format!("function{index}");
            let function = function(group, index);
            if function["kind"] == "read" {
                members.push(name.clone());
            }
            // What is written below has the right form; the tests count the functions.
            if let Ok(function) = serde_json::from_value(function) {
                document.functions.insert(name, function);
            }
        }
        members.sort();
        let params = json!([optional("page"), required("user_id")]);
        let context = json!({ "params": params, "functions": members });
        if let Ok(context) = serde_json::from_value(context) {
            document.contexts.insert(format!("group{group}"), context);
        }
    }
    document
}

fn function(group: usize, index: usize) -> Value {
    let context = format!("group{group}");
    let doc = format!("Function number {index}, which stands for a real one.");
    let part = |what: &str| json!({ "$ref": format!("#/$defs/{what}{group}") });
    let list = |what: &str| json!({ "type": "array", "items": part(what) });
    let read = |params: Value, result: Value| {
        json!({
            "kind": "read", "context": context, "doc": doc, "params": params, "result": result,
        })
    };
    let call = |params: Value, result: Value| {
        let affects = json!([{ "context": context, "params": ["user_id"] }]);
        json!({
            "kind": "call", "affects": affects, "doc": doc, "params": params, "result": result,
        })
    };
    let user = required("user_id");
    match index % 10 {
        0..3 => read(json!([user]), part("Profile")),
        3..5 => read(json!([user, optional("page")]), list("Event")),
        5 => read(json!([]), json!({ "type": "string" })),
        6 => call(json!([user, text("name")]), part("Profile")),
        7 => call(json!([user, text("note")]), json!({ "type": "null" })),
        8 => call(json!([optional("page")]), list("Event")),
        _ => call(json!([]), json!({ "type": "boolean" })),
    }
}

fn types(group: usize) -> [(String, Value); 2] {
    let part = |what: &str| json!({ "$ref": format!("#/$defs/{what}{group}") });
    let integer = json!({ "type": "integer", "format": "int32" });
    let profile = json!({
        "type": "object",
        "description": "A person, as others see them.",
        "properties": {
            "id": integer,
            "name": { "type": "string" },
            "email": { "type": ["string", "null"], "description": "Shown to nobody." },
            "tags": { "type": "array", "items": { "type": "string" } },
            "level": { "type": "string", "enum": ["guest", "member", "staff"] },
        },
        "required": ["id", "name", "tags", "level"],
    });
    let variant = |kind: &str, name: &str, value: Value| {
        let kind = json!({ "type": "string", "const": kind });
        let properties = json!({ "kind": kind, name: value });
        json!({ "type": "object", "properties": properties, "required": ["kind", name] })
    };
    let event = json!({
        "oneOf": [variant("joined", "profile", part("Profile")), variant("left", "id", integer)],
    });
    [(format!("Profile{group}"), profile), (format!("Event{group}"), event)]
}

fn required(name: &str) -> Value {
    let schema = json!({ "type": "integer", "format": "int64" });
    json!({ "name": name, "schema": schema, "required": true })
}

fn text(name: &str) -> Value {
    json!({ "name": name, "schema": { "type": "string" }, "required": true })
}

fn optional(name: &str) -> Value {
    let schema = json!({ "type": "integer", "format": "uint32", "minimum": 0 });
    json!({ "name": name, "schema": schema, "required": false, "default": 1 })
}

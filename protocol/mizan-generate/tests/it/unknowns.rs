//! `unknown` is never written without a line that names its field and type.

use std::collections::BTreeMap;

use mizan_generate::{Generated, Options, generate};
use mizan_schema::Document;
use serde_json::{Value, json};

use crate::hostile::seeds;
use crate::parsed::written;
use crate::random::document;

#[test]
fn no_unknown_is_silent_in_hostile_documents() {
    let mut found = 0;
    for seed in seeds() {
        let document = document(seed);
        let client = generate(&document, &Options::default()).unwrap();
        found += check(&document, &client);
    }
    assert!(found > 1_000, "{found} in all");
}

/// Returns how many places with `unknown` there were.
#[track_caller]
fn check(document: &Document, client: &Generated) -> usize {
    let members = document.contexts.iter().map(|(name, context)| {
        let of = context.functions.iter().map(|member| format!("{member}()"));
        (format!("contexts/{name}"), of.chain([format!("{name}(")]).collect::<Vec<_>>())
    });
    let members: BTreeMap<_, _> = members.collect();
    let mut found = 0;
    for file in &client.files {
        let places = written(file, "unknown");
        found += places.len();
        for place in places {
            let starts: Vec<String> = match file.path.as_str() {
                "types.ts" => {
                    // Declarations are in the order of the definitions.
                    let name = document.defs.keys().nth(place.statement).unwrap();
                    let field = match &place.key {
                        Some(key) => format!("{}.{}", name.escape_debug(), key.escape_debug()),
                        None => name.escape_debug().to_string(),
                    };
                    let step = |text: &str| text.replace('~', "~0").replace('/', "~1");
                    let pointer = format!("/$defs/{}", step(name));
                    let pointer = match &place.key {
                        Some(key) => format!("{pointer}/properties/{}", step(key)),
                        None => pointer,
                    };
                    vec![
                        format!("`{field}"),
                        pointer,
                        format!("type {name:?} is defined as itself"),
                    ]
                }
                path if path.starts_with("contexts/") => {
                    let path = path.trim_end_matches(".ts").trim_end_matches("-context");
                    let members = members[path].iter();
                    members.flat_map(|name| lines_of(document, name)).collect()
                }
                _ => {
                    let calls = document.functions.keys();
                    calls.flat_map(|name| lines_of(document, &format!("{name}("))).collect()
                }
            };
            let named = |line: &String| {
                let is_of_field = |start: &String| match start.split_once("/properties/") {
                    // The field may be one of a variant or a part.
                    Some((start, field)) => {
                        line.starts_with(start) && line.contains(&format!("/properties/{field}"))
                    }
                    None => line.starts_with(start),
                };
                starts.iter().any(is_of_field)
            };
            assert!(
                client.warnings.iter().any(named),
                "{place:?} of {} has no line among {:#?}",
                file.path,
                client.warnings
            );
        }
    }
    found
}

/// How lines about a function or a context begin.
fn lines_of(document: &Document, label: &str) -> Vec<String> {
    let name = label.split('(').next().unwrap_or_default();
    let mut starts = vec![format!("`{label}")];
    if document.functions.contains_key(name) {
        starts.push(format!("/functions/{name}/"));
    }
    if document.contexts.contains_key(name) {
        starts.push(format!("/contexts/{name}/"));
    }
    starts
}

#[track_caller]
fn warnings(document: Value) -> Vec<String> {
    let document = serde_json::from_value(document).unwrap();
    generate(&document, &Options::default()).unwrap().warnings
}

#[test]
fn each_unknown_names_field_and_type() {
    let lines = warnings(json!({
        "mizan": 1, "contexts": {},
        "functions": { "save": {
            "kind": "call",
            "params": [{ "name": "payload", "schema": true, "required": true }],
        } },
        "$defs": {
            "Event": {
                "type": "object",
                "properties": { "data": { "description": "Anything." }, "list": { "type": "array" } },
                "required": ["data", "stray"],
                "additionalProperties": true,
            },
        },
    }));
    assert_eq!(
        lines,
        [
            "`Event.data` allows any value; its type is `unknown`",
            "`Event.list` allows any value; its type is `unknown`",
            "`Event.stray` allows any value; its type is `unknown`",
            "`Event[]` allows any value; its type is `unknown`",
            "`save(payload)` allows any value; its type is `unknown`",
            "`save()` allows any value; its type is `unknown`",
        ]
    );
}

#[test]
fn a_flattened_optional_enum_keeps_its_fields() {
    let document: Document = serde_json::from_str(include_str!("golden/shapes.json")).unwrap();
    let client = generate(&document, &Options::default()).unwrap();
    let types = client.files.iter().find(|file| file.path == "types.ts").unwrap();
    for field in ["kind: \"circle\"; radius: number", "kind?: never", "side?: never"] {
        assert!(types.text.contains(field), "{field} in\n{}", types.text);
    }
    assert_eq!(client.warnings[0], "`Item.extra` allows any value; its type is `unknown`");
}

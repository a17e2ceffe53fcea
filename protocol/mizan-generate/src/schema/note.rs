//! What a doc comment is made of.

use serde_json::{Map, Value};

/// Documentation of a declaration or field, as the document has it: hostile until `emit::docs`
/// has been over it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Note<'a> {
    pub(crate) doc: Option<&'a str>,
    pub(crate) default: Option<&'a Value>,
    pub(crate) deprecated: bool,
}

impl<'a> Note<'a> {
    /// The annotations of a schema.
    pub(crate) fn of(schema: &'a Value) -> Self {
        schema.as_object().map(Self::of_keywords).unwrap_or_default()
    }

    fn of_keywords(keywords: &'a Map<String, Value>) -> Self {
        Self {
            doc: keywords.get("description").and_then(Value::as_str),
            default: keywords.get("default"),
            deprecated: keywords.get("deprecated").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    pub(crate) fn text(doc: Option<&'a str>) -> Self {
        Self { doc, ..Self::default() }
    }
}

/// What a schema says about members of its union that a value identifies, as a list.
pub(crate) fn variant_notes(schema: &Value) -> Option<String> {
    let members = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(word)?.as_array())?;
    let lines: Vec<_> = members
        .iter()
        .filter_map(|member| {
            let doc = member.get("description")?.as_str()?;
            let label = label(member)?.replace('`', "'");
            Some(format!("- `{label}`: {}", doc.replace('\n', "\n  ")))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The value of a unit variant or of a tag, or the only key of an externally tagged variant.
fn label(member: &Value) -> Option<String> {
    if let Some(value) = only_value(member) {
        return Some(value.to_string());
    }
    let properties = member.get("properties")?.as_object()?;
    let mut names: Vec<_> = properties.iter().collect();
    names.sort_by_key(|(name, _)| *name);
    let tag = names.iter().find_map(|(_, schema)| only_value(schema));
    match (tag, names.as_slice()) {
        (Some(tag), _) => Some(tag.to_string()),
        (None, [(name, _)]) => Some((*name).clone()),
        (None, _) => None,
    }
}

fn only_value(schema: &Value) -> Option<&Value> {
    let listed = || match schema.get("enum")?.as_array()?.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    schema.get("const").or_else(listed)
}

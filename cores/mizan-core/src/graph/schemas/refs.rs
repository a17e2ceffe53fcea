//! References to definitions: how they are read, written and replaced.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::percent::push_encoded;

const DEFS: &str = "#/$defs/";

/// The name of the definition that a schema refers to.
pub(in crate::graph) fn target(schema: &Value) -> Option<Cow<'_, str>> {
    name_of(schema.get("$ref")?.as_str()?)
}

/// The name in the text of a reference.
pub(super) fn name_of(reference: &str) -> Option<Cow<'_, str>> {
    let name = crate::percent::decode(reference.strip_prefix(DEFS)?, false)?;
    if name.contains('~') {
        return Some(name.replace("~1", "/").replace("~0", "~").into());
    }
    Some(name)
}

/// The text of a reference to a name: a JSON pointer in a URI fragment.
pub(super) fn reference(name: &str) -> String {
    let mut text = String::from(DEFS);
    for byte in name.bytes() {
        match byte {
            b'~' => text.push_str("~0"),
            b'/' => text.push_str("~1"),
            byte if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) => {
                text.push(byte.into());
            }
            byte => push_encoded(&mut text, byte),
        }
    }
    text
}

/// Calls `replace` with the value of every reference.
pub(super) fn each(schema: &mut Value, replace: &mut impl FnMut(&mut Value)) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "$ref" && !value.is_object() {
                    replace(value);
                } else {
                    each(value, replace);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, replace)),
        _ => {}
    }
}

/// Names of the definitions that schemas refer to, directly or through others.
pub(in crate::graph) fn reached<'a>(
    schemas: impl Iterator<Item = &'a Value>,
    defs: &'a BTreeMap<String, Value>,
) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Value> = schemas.collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => open.extend(map.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
        if let Some(name) = target(value)
            && !reached.contains(&*name)
        {
            open.extend(defs.get(&*name));
            reached.insert(name.into_owned());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_comes_back_from_its_reference() {
        for name in ["Page", "Page<User>", "a/b~c%d", "Größe", "~1", ""] {
            let reference = reference(name);
            assert!(reference.is_ascii());
            assert_eq!(name_of(&reference).as_deref(), Some(name));
        }
    }
}

//! What is left where a flattened `Option` is `None`.
//!
//! schemars writes `anyOf: [variants, {}]` next to the fields of the struct. Alone, `{}`
//! would swallow the variants; next to the fields it means that the fields of all variants are absent.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::resolve::{Resolver, allows_all};
use super::{Field, Note, Object, Type};

impl<'a> Resolver<'a> {
    /// The object that has no field of the alternatives; none where none of them allows everything,
    /// or where they have no fields.
    pub(super) fn absent(
        &self,
        alternatives: &'a [Value],
        own: &'a Map<String, Value>,
    ) -> Option<Type<'a>> {
        if !alternatives.iter().any(allows_all) {
            return None;
        }
        let mut names = BTreeSet::new();
        let mut open: Vec<&'a Value> = alternatives.iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(schema) = open.pop() {
            let properties = schema.get("properties").and_then(Value::as_object);
            names.extend(properties.into_iter().flat_map(Map::keys).map(String::as_str));
            for word in ["oneOf", "anyOf", "allOf"] {
                open.extend(schema.get(word).and_then(Value::as_array).into_iter().flatten());
            }
            let reference = schema.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|text| text.strip_prefix("#/$defs/"));
            if let Some(index) = name.and_then(|name| self.definition(name))
                && seen.insert(index)
            {
                open.extend(self.schemas.get(index).copied());
            }
        }
        let declared = own.get("properties").and_then(Value::as_object);
        names.retain(|name| declared.is_none_or(|declared| !declared.contains_key(*name)));
        let field = |name| Field { name, ty: Type::Never, required: false, note: Note::default() };
        let fields: Vec<_> = names.into_iter().map(field).collect();
        (!fields.is_empty()).then_some(Type::Object(Object { fields, open: false }))
    }
}

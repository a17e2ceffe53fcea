//! Objects and maps.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::place::Step;
use super::resolve::Resolver;
use super::{Field, Note, Object, Type};

impl<'a> Resolver<'a> {
    /// The type of a schema whose `type` is `object`.
    pub(super) fn object(&mut self, keywords: &'a Map<String, Value>) -> Type<'a> {
        let fields = self.fields(keywords);
        let rest = self.rest(keywords);
        if fields.is_empty() {
            return Type::Map(Box::new(rest.unwrap_or_else(|| self.any())));
        }
        match rest {
            None | Some(Type::Never) => Type::Object(Object { fields, open: false }),
            Some(Type::Unknown) => Type::Object(Object { fields, open: true }),
            // A TypeScript index signature would have to cover the fields as well.
            Some(other) => Type::intersection([
                Type::Object(Object { fields, open: false }),
                Type::Map(Box::new(other)),
            ]),
        }
    }

    /// The fields, those with literal types first: they tell the variants of an enum apart.
    fn fields(&mut self, keywords: &'a Map<String, Value>) -> Vec<Field<'a>> {
        let required: BTreeSet<&str> = match keywords.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => BTreeSet::new(),
        };
        let mut fields = Vec::new();
        let properties = keywords.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            fields.push(Field {
                name,
                ty: self.at(Step::Keyed("properties", name), schema),
                required: required.contains(name.as_str()),
                note: Note::of(schema),
            });
        }
        let declared = |name: &str| properties.is_some_and(|map| map.contains_key(name));
        for name in required.iter().copied().filter(|name| !declared(name)) {
            let ty = self.at(Step::Keyed("properties", name), &Value::Bool(true));
            fields.push(Field { name, ty, required: true, note: Note::default() });
        }
        fields.sort_by_key(|field| (!matches!(field.ty, Type::Literal(_)), field.name));
        fields
    }

    /// The type of keys that are not fields; none where the schema does not speak of them.
    fn rest(&mut self, keywords: &'a Map<String, Value>) -> Option<Type<'a>> {
        let mut parts = Vec::new();
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let mut patterns: Vec<_> = patterns.into_iter().flatten().collect();
        patterns.sort_by_key(|(pattern, _)| *pattern);
        for (pattern, schema) in patterns {
            parts.push(self.at(Step::Keyed("patternProperties", pattern), schema));
        }
        if let Some(schema) = keywords.get("additionalProperties") {
            parts.push(self.at(Step::Keyword("additionalProperties"), schema));
        }
        (!parts.is_empty()).then(|| Type::union(parts))
    }
}

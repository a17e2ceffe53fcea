//! Types of `const` and `enum` values.

use serde_json::{Number, Value};

use super::{Field, Note, Object, Type};
use crate::names::quote;

/// The type that has this one value.
pub(super) fn literal(value: &Value) -> Type<'_> {
    match value {
        Value::Null => Type::Null,
        Value::Bool(value) => Type::Literal(value.to_string()),
        Value::Number(number) => number_literal(number),
        Value::String(text) => Type::Literal(quote(text)),
        Value::Array(items) => Type::Tuple(items.iter().map(literal).collect(), None),
        Value::Object(map) if map.is_empty() => Type::Map(Box::new(Type::Never)),
        Value::Object(map) => {
            let mut fields: Vec<_> = map
                .iter()
                .map(|(name, value)| Field {
                    name,
                    ty: literal(value),
                    required: true,
                    note: Note::default(),
                })
                .collect();
            fields.sort_by_key(|field| field.name);
            Type::Object(Object { fields, open: false })
        }
    }
}

/// A number that JavaScript holds exactly is a literal; any other is only `number`.
fn number_literal(number: &Number) -> Type<'static> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    match number.as_f64() {
        Some(value) if value.abs() <= LARGEST => Type::Literal(number.to_string()),
        _ => Type::Number,
    }
}

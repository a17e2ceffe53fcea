//! Integers that JavaScript numbers cannot hold: text on the wire, `bigint` in TypeScript.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// The `format` by which a generator knows a [`BigInt`] in a schema.
pub const BIGINT_FORMAT: &str = "mizan-bigint";

/// An integer of any size up to 128 bits.
///
/// A plain `i64` travels as a number and is refused beyond ±(2^53 − 1), where JavaScript would
/// change it silently. A `BigInt` travels as decimal text and is a `bigint` in TypeScript.
///
/// ```
/// use mizan_core::BigInt;
/// let id = BigInt::from(9_007_199_254_740_993_i64);
/// assert_eq!(serde_json::to_string(&id)?, r#""9007199254740993""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BigInt(pub i128);

impl<T: Into<i128>> From<T> for BigInt {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BigInt {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for BigInt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BigInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = BigInt;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer of up to 128 bits as text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<BigInt, E> {
                text.trim_matches([' ', '\t', '\r', '\n'])
                    .parse()
                    .map_err(|_| E::invalid_value(de::Unexpected::Str("other text"), &self))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

impl JsonSchema for BigInt {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "BigInt".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": BIGINT_FORMAT, "pattern": "^[+-]?[0-9]+$" })
    }
}

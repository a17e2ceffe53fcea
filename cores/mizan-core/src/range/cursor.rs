//! Cursors: keys as ASCII texts with the order of the keys (`mizan-cursor`), and the limit of a page.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet::{Alphabet, ParseAlphabetError};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Unexpected, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::key::{CursorKey, KeyTooLong};

/// The format of a cursor in schemas.
pub const CURSOR_FORMAT: &str = "mizan-cursor";

/// A cursor has at most so many characters.
pub(crate) const MAX_CURSOR: usize = 256;

/// The 64 characters that a URL holds as they are, in the order of ASCII.
const ALPHABET: Result<Alphabet, ParseAlphabetError> =
    Alphabet::new("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

const CODEC: GeneralPurpose = match ALPHABET {
    Ok(alphabet) => GeneralPurpose::new(&alphabet, NO_PAD),
    Err(_) => panic!("64 different characters are an alphabet"),
};

/// How many characters the cursor of a key of so many bytes has.
pub(crate) const fn characters(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The cursor of a key.
pub(super) fn text<K: CursorKey>(key: &K) -> Result<String, KeyTooLong> {
    let mut bytes = Vec::with_capacity(32);
    key.write(&mut bytes)?;
    Ok(CODEC.encode(bytes))
}

/// The key of a cursor; `None` where it is not one of such keys.
fn key<K: CursorKey>(text: &str) -> Option<K> {
    let bytes = (text.len() <= MAX_CURSOR).then(|| CODEC.decode(text).ok())??;
    let mut rest = &bytes[..];
    K::read(&mut rest).filter(|_| rest.is_empty())
}

/// A key as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<K>(pub K);

impl<K: CursorKey> Serialize for Cursor<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(&self.0).map_err(S::Error::custom)?)
    }
}

impl<'de, K: CursorKey> Deserialize<'de> for Cursor<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<K>(std::marker::PhantomData<K>);

        impl<K: CursorKey> Visitor<'_> for Reader<K> {
            type Value = Cursor<K>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a cursor of this list")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Cursor<K>, E> {
                let wrong = || E::custom("expected a cursor of this list");
                key(text).map(Cursor).ok_or_else(wrong)
            }
        }

        deserializer.deserialize_str(Reader(std::marker::PhantomData))
    }
}

impl<K> JsonSchema for Cursor<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Cursor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": CURSOR_FORMAT, "maxLength": MAX_CURSOR })
    }
}

/// How many items a page has at most, as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PageLimit(pub u32);

impl PageLimit {
    /// Where nothing is asked for.
    pub(crate) const DEFAULT: u32 = 20;
    /// Of a page after a cursor.
    pub(crate) const OF_PAGE: u32 = 200;
    /// Of a window: with `until`, or from the start of the list.
    pub(crate) const OF_WINDOW: u32 = 500;
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = u32::deserialize(deserializer)?;
        if (1..=Self::OF_WINDOW).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(D::Error::invalid_value(Unexpected::Unsigned(limit.into()), &"1 to 500"))
        }
    }
}

impl JsonSchema for PageLimit {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PageLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "uint32", "minimum": 1, "maximum": Self::OF_WINDOW })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_key_has_the_longest_cursor() {
        assert_eq!(characters(192), MAX_CURSOR);
        for bytes in 0..100 {
            assert_eq!(CODEC.encode(vec![7; bytes]).len(), characters(bytes));
        }
    }

    #[test]
    fn a_cursor_has_one_text_alone() {
        let text = text(&7_i32).unwrap();
        assert_eq!(key::<i32>(&text), Some(7));
        // Bits after the last byte, a byte too many, one too few, padding, another alphabet.
        for wrong in ["U---60", "U---5w-", "U---5", "U---5w==", "U+--5w", ""] {
            assert_eq!(key::<i32>(wrong), None, "{wrong}");
        }
    }
}

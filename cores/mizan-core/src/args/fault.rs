//! What is wrong with an argument, in words for the sender: no Rust types, and no more of the
//! value than a name.

use std::borrow::Cow;

/// The longest message that is sent.
const MAX_WORDS: usize = 200;

/// Overrides of an integer that JavaScript would change.
pub(crate) const UNSAFE_INTEGER: &str =
    "an integer beyond \u{b1}(2^53 \u{2212} 1) does not travel as a number";

/// Path and message of a fault that serde found. A missing member is named itself, not its parent.
pub(super) fn fault(path: &serde_path_to_error::Path, error: &str) -> (String, String) {
    use serde_path_to_error::Segment;
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    let mut parts: Vec<String> = path.iter().filter_map(part).collect();
    let missing = error.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(name) => {
            parts.push(name.to_owned());
            (parts.join("."), "this field is required".into())
        }
        None => (parts.join("."), words(error)),
    }
}

/// serde's words in Mizan's: `invalid type: string "x", expected i64` is `expected an integer`.
pub(super) fn words(error: &str) -> String {
    let error = error.rfind(" at line ").map_or(error, |end| &error[..end]);
    let ours = match error.rsplit_once(", expected ") {
        Some((found, expected)) => {
            let found = if found.starts_with("unknown") { "unknown name, " } else { "" };
            Cow::Owned(format!("{found}expected {}", kind(expected)))
        }
        None => Cow::Borrowed(sentence(error)),
    };
    match ours.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &ours[..end]),
        None => ours.into_owned(),
    }
}

/// A message that says what is wrong without what was expected.
fn sentence(error: &str) -> &str {
    match error {
        "number out of range" => "the number is out of range",
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "the text is not well-formed Unicode"
        }
        error if error.starts_with("data did not match any variant of") => {
            "expected one of its forms"
        }
        error => error,
    }
}

fn kind(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128"
        | "usize" => "an integer in range",
        "f32" | "f64" => "a number",
        "a string" | "str" | "string" | "a borrowed string" => "text",
        "a character" | "char" => "one character",
        "a sequence" | "a borrowed byte array" | "byte array" => "a list",
        "unit" => "null",
        expected => match expected.split(' ').collect::<Vec<_>>()[..] {
            ["a", number, ..] if number.starts_with("nonzero") => {
                "an integer in range, and not zero"
            }
            ["struct", ..] => "an object",
            ["tuple", ..] => "a list",
            ["enum", ..] | [_, "tagged", "enum", ..] | [_, "variant", ..] => "one of its forms",
            ["unit", "struct", ..] => "null",
            _ => expected,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_no_rust_type_and_quote_no_value() {
        for (error, expected) in [
            (
                "invalid type: string \"x\", expected i64 at line 1 column 3",
                "expected an integer in range",
            ),
            ("invalid type: map, expected a string", "expected text"),
            (
                "unknown variant `x`, expected one of `a`, `b`",
                "unknown name, expected one of `a`, `b`",
            ),
            ("invalid type: null, expected struct Profile", "expected an object"),
            ("a rule of the application", "a rule of the application"),
            ("data did not match any variant of untagged enum Key", "expected one of its forms"),
            (
                "invalid value: integer `0`, expected a nonzero u32",
                "expected an integer in range, and not zero",
            ),
            (
                "invalid type: string, expected internally tagged enum Shape",
                "expected one of its forms",
            ),
            ("invalid type: unit variant, expected newtype variant", "expected one of its forms"),
            ("invalid length 1, expected struct Point with 2 elements", "expected an object"),
            ("invalid type: map, expected tuple struct Pair with 2 elements", "expected a list"),
            (
                "lone leading surrogate in hex escape at line 1 column 8",
                "the text is not well-formed Unicode",
            ),
        ] {
            assert_eq!(words(error), expected);
        }
        assert_eq!(words(&"x".repeat(500)).chars().count(), MAX_WORDS + 1);
    }
}

//! What is wrong with an argument, in words for whoever sent it: no Rust types, and no more of the
//! value than a name.

use std::borrow::Cow;

use crate::output::is_safe;

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

/// serde's words in ours: `invalid type: string "x", expected i64` is `expected an integer`.
pub(super) fn words(error: &str) -> String {
    let error = error.rfind(" at line ").map_or(error, |end| &error[..end]);
    let ours = match error.rsplit_once(", expected ") {
        Some((found, expected)) => {
            let found = if found.starts_with("unknown") { "unknown name, " } else { "" };
            Cow::Owned(format!("{found}expected {}", kind(expected)))
        }
        None if error == "number out of range" => Cow::Borrowed("the number is out of range"),
        None => Cow::Borrowed(error),
    };
    match ours.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &ours[..end]),
        None => ours.into_owned(),
    }
}

fn kind(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128"
        | "usize" => "an integer in range",
        "f32" | "f64" => "a number",
        "a string" | "str" | "string" => "text",
        "a character" | "char" => "one character",
        "a sequence" => "a list",
        "unit" => "null",
        expected if expected.starts_with("struct ") => "an object",
        expected if expected.starts_with("tuple ") => "a list",
        expected if expected.starts_with("enum ") => "one of its forms",
        expected => expected,
    }
}

/// Whether JSON text holds an integer, outside of strings, that JavaScript would change.
pub(crate) fn holds_unsafe_integer(json: &str) -> bool {
    // Sixteen digits are needed, so short texts hold none.
    if json.len() < 16 {
        return false;
    }
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1),
            b'-' | b'0'..=b'9' => {
                let number =
                    |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let length = bytes[at..].iter().take_while(|byte| number(byte)).count();
                let text = &json[at..at + length];
                let integer = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                if integer && length > 15 && !text.parse().is_ok_and(is_safe) {
                    return true;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    false
}

/// The position behind a string's closing quote.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
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
        ] {
            assert_eq!(words(error), expected);
        }
        assert_eq!(words(&"x".repeat(500)).chars().count(), MAX_WORDS + 1);
    }

    #[test]
    fn unsafe_integers_are_found_outside_of_strings() {
        for (json, expected) in [
            ("9007199254740991", false),
            ("-9007199254740991", false),
            ("9007199254740992", true),
            ("[1, {\"a\": -9007199254740992}]", true),
            ("\"9007199254740992\"", false),
            ("[\"\\\"9007199254740992\", 1]", false),
            ("9007199254740992.5", false),
            ("9007199254740992e3", false),
            (&"9".repeat(5_000), true),
        ] {
            assert_eq!(holds_unsafe_integer(json), expected, "{json}");
        }
    }
}

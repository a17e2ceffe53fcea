//! Integers in the text of JSON that JavaScript would change.

use crate::output::is_safe;

/// The integers of a JSON text, outside of its strings, that JavaScript would change.
pub(super) fn unsafe_integers(json: &str) -> impl Iterator<Item = &str> {
    // Sixteen digits are needed, so short texts hold none.
    let mut at = if json.len() < 16 { json.len() } else { 0 };
    std::iter::from_fn(move || {
        let bytes = json.as_bytes();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = string_end(bytes, at + 1),
                b'-' | b'0'..=b'9' => {
                    let number =
                        |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                    let length = bytes[at..].iter().take_while(|byte| number(byte)).count();
                    let text = &json[at..at + length];
                    at += length;
                    let integer = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                    if integer && length > 15 && !text.parse().is_ok_and(is_safe) {
                        return Some(text);
                    }
                }
                _ => at += 1,
            }
        }
        None
    })
}

/// The position after a string's closing quote.
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

/// The floats nearest to those integers that are not exactly a float, and not what JavaScript writes for
/// one: the shortest digits that read back as it, filled up with zeros, which Rust writes as well
/// ([`Number::toString`](https://tc39.es/ecma262/#sec-numeric-types-number-tostring)).
pub(super) fn changed<'a>(integers: impl Iterator<Item = &'a str>) -> Changed {
    let lossy = |text: &'a str| {
        let float: f64 = text.parse().ok()?;
        let is_exact = text.parse().is_ok_and(|integer: i128| integer == float as i128);
        (!is_exact && float.to_string() != text).then_some(float)
    };
    let mut changed: Vec<f64> = integers.filter_map(lossy).collect();
    changed.sort_unstable_by(f64::total_cmp);
    Changed(changed)
}

/// The floats that integers of one text were changed to, sorted: a body can hold many of them.
#[derive(Debug)]
pub(super) struct Changed(Vec<f64>);

impl Changed {
    pub(super) fn contains(&self, float: f64) -> bool {
        self.0.binary_search_by(|known| known.total_cmp(&float)).is_ok()
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(unsafe_integers(json).next().is_some(), expected, "{json}");
        }
    }

    #[test]
    fn an_integer_that_javascript_writes_for_a_float_is_that_float() {
        for (json, expected) in [
            ("100000000000000000", true),
            ("1152921504606847000", true),
            ("1152921504606846976", true),
            ("-1152921504606847000", true),
            ("123456789012345680000", true),
            ("9007199254740993", false),
            ("1152921504606846977", false),
            ("123456789012345678901", false),
        ] {
            assert_eq!(changed(unsafe_integers(json)).is_empty(), expected, "{json}");
        }
    }
}

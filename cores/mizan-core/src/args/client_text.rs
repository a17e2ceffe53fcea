//! The text that a client in JavaScript computes for a value in a response. It differs from
//! [`Form::text`] in numbers only: JavaScript writes `1` for 1.0.

use std::borrow::Cow;

use serde_json::Value;

use super::{Form, Shape};

impl Form {
    /// The text of a value, as the kernel of a page computes it: `None` where it is absent, and for an object,
    /// which is not a parameter.
    pub(crate) fn client_text(&self, value: &Value) -> Option<String> {
        let Value::Array(elements) = value else { return scalar(value).map(Cow::into_owned) };
        let mut texts = elements.iter().map(scalar).collect::<Option<Vec<_>>>()?;
        if self.shape == Shape::Set {
            texts.sort_unstable();
            texts.dedup();
        }
        Some(list(texts))
    }

    /// The text of a value that was sent: the elements of a set are in the order of the sender.
    pub(crate) fn sent_text(value: &Value) -> Option<String> {
        Self::default().client_text(value)
    }
}

/// The text of a list with these elements.
pub(crate) fn list<'a>(texts: impl IntoIterator<Item = Cow<'a, str>>) -> String {
    texts.into_iter().collect::<Value>().to_string()
}

/// Whether the JSON of a scalar obviously has this text. A value for which this is false may have it too.
pub(crate) fn is_plainly(json: &[u8], text: &str) -> bool {
    match json {
        [b'"', inner @ .., b'"'] => inner == text.as_bytes() && !inner.contains(&b'\\'),
        b"true" | b"false" | b"0" => json == text.as_bytes(),
        [b'-', b'1'..=b'9', digits @ ..] | [b'1'..=b'9', digits @ ..] => {
            // JavaScript holds 15 digits exactly.
            digits.len() < 15 && digits.iter().all(u8::is_ascii_digit) && json == text.as_bytes()
        }
        _ => false,
    }
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => number.as_f64().map(|float| Cow::Owned(number_text(float))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `Number::toString` of ECMAScript: the shortest digits that read back as the same number, as plain digits from
/// 1e-6 up and below 1e21.
fn number_text(value: f64) -> String {
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value != 0.0 && !(-6..21).contains(&exponent) {
        let sign = if value < 0.0 { "-" } else { "" };
        let plus = if exponent < 0 { "" } else { "+" };
        return format!("{sign}{mantissa}e{plus}{exponent}");
    }
    // Both zeros are `0`. Rust writes plain digits, and the same ones.
    if value == 0.0 { "0".into() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (value, text) in [
            (json!(1.0), "1"),
            (json!(-0.0), "0"),
            (json!(0), "0"),
            (json!(-7), "-7"),
            (json!(0.1), "0.1"),
            (json!(-2.5), "-2.5"),
            (json!(1e17), "100000000000000000"),
            (json!(123_456_789_012_345_680_000.0), "123456789012345680000"),
            (json!(1e21), "1e+21"),
            (json!(-1.5e300), "-1.5e+300"),
            (json!(1e-6), "0.000001"),
            (json!(1.25e-7), "1.25e-7"),
            (json!(5e-324), "5e-324"),
            (json!(f64::MAX), "1.7976931348623157e+308"),
            (json!(9_007_199_254_740_993_i64), "9007199254740992"),
        ] {
            assert_eq!(Form::default().client_text(&value).as_deref(), Some(text));
        }
    }

    #[test]
    fn every_kind_of_value_has_a_text() {
        let set = Form { shape: Shape::Set, ..Form::default() };
        let plain = Form::default();
        for (form, value, text) in [
            (&plain, json!("a\"b"), Some("a\"b")),
            (&plain, json!(true), Some("true")),
            (&plain, json!(null), None),
            (&plain, json!({}), None),
            (&plain, json!([]), Some("[]")),
            (&plain, json!([3, 1.0, "\n", false]), Some(r#"["3","1","\n","false"]"#)),
            (&set, json!([20.0, 3, 100, 3]), Some(r#"["100","20","3"]"#)),
        ] {
            assert_eq!(form.client_text(&value).as_deref(), text, "{value}");
        }
    }

    #[test]
    fn what_is_plainly_equal_is_equal() {
        for (json, text, expected) in [
            ("\"a b\"", "a b", true),
            ("\"a\\n\"", "a\\n", false),
            ("5", "5", true),
            ("5", "05", false),
            ("-5", "-5", true),
            ("0", "0", true),
            ("-0", "-0", false),
            ("1.0", "1.0", false),
            ("9007199254740993", "9007199254740993", false),
            ("true", "true", true),
            ("null", "null", false),
            ("\"5\"", "\"5\"", false),
            ("\"", "", false),
        ] {
            assert_eq!(is_plainly(json.as_bytes(), text), expected, "{json} {text}");
        }
    }
}

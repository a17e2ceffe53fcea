//! The one text form of a parameter's value, the same in headers and cache keys.

use std::borrow::Cow;

use serde_json::Value;

/// The text of a value: scalars as they are written in JSON, strings without quotes, lists as the
/// compact JSON array of their elements' texts. `None` for an object, which no parameter may be.
pub fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::Null => Cow::Borrowed("null"),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(match number.as_f64() {
            Some(float) if number.is_f64() => float_text(float),
            _ => number.to_string(),
        }),
        Value::Array(items) => {
            let texts = items.iter().map(|item| Some(Value::from(text_of(item)?)));
            Cow::Owned(Value::Array(texts.collect::<Option<_>>()?).to_string())
        }
        Value::Object(_) => return None,
    })
}

/// The same from the JSON of a value, as serde writes it: scalars need no [`Value`] in between.
/// `None` for an object, and for what is not JSON.
pub fn text_of_json(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes() {
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
            Some(Cow::Borrowed(&json[1..json.len() - 1]))
        }
        [b'"', ..] => serde_json::from_str(json).ok().map(Cow::Owned),
        [b'-' | b'0'..=b'9', ..] => {
            if json.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
                return Some(Cow::Borrowed(json));
            }
            json.parse().ok().map(|float| Cow::Owned(float_text(float)))
        }
        b"null" | b"true" | b"false" => Some(Cow::Borrowed(json)),
        [b'[', ..] => {
            let list: Value = serde_json::from_str(json).ok()?;
            text_of(&list).map(|text| Cow::Owned(text.into_owned()))
        }
        _ => None,
    }
}

/// The shortest text that reads back as the same float, in the form of the reference: `1.0` keeps
/// its fraction; from 1e16 up and below 1e-4 there is an exponent with a sign and two digits.
pub fn float_text(value: f64) -> String {
    // Both zeros are one value.
    let value = if value == 0.0 { 0.0 } else { value };
    let magnitude = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&magnitude) {
        let mut text = value.to_string();
        if !text.contains('.') {
            text.push_str(".0");
        }
        return text;
    }
    let text = format!("{value:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Value, expected: &str) {
        assert_eq!(text_of(&value).as_deref(), Some(expected));
        assert_eq!(text_of_json(&value.to_string()).as_deref(), Some(expected));
    }

    #[test]
    fn every_kind_of_value_has_one_text() {
        check(Value::Null, "null");
        check(true.into(), "true");
        check((-5).into(), "-5");
        check("a b".into(), "a b");
        check("a\"\\\n\u{1f}é".into(), "a\"\\\n\u{1f}é");
        check(serde_json::json!(["a", 5, "\""]), r#"["a","5","\""]"#);
        assert_eq!(text_of(&serde_json::json!({"a": 1})), None);
        assert_eq!(text_of_json(r#"{"a":1}"#), None);
        assert_eq!(text_of_json(""), None);
        assert_eq!(text_of_json("\""), None);
    }

    #[test]
    fn floats_are_written_as_the_reference_writes_them() {
        check(1.0.into(), "1.0");
        check((-0.0).into(), "0.0");
        check(0.1.into(), "0.1");
        check(1e15.into(), "1000000000000000.0");
        check(1e16.into(), "1e+16");
        check(1.5e-7.into(), "1.5e-07");
        check(1e-4.into(), "0.0001");
        check(1.7976931348623157e308.into(), "1.7976931348623157e+308");
    }
}

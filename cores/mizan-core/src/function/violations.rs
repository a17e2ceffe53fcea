//! What a validator found, in words fit for the people who fill in a form.

use std::borrow::Cow;

use serde_json::Value;

use crate::args::Source;
use crate::error::FieldErrors;

/// Messages of validation, collected by generated code.
pub struct Violations<'a> {
    faults: &'a mut FieldErrors,
    /// The arguments as they were sent. Read once, for the first message that depends on them.
    sent: Sent<'a>,
}

enum Sent<'a> {
    Unread(&'a str),
    Read(Value),
}

impl<'a> Violations<'a> {
    pub(super) fn new(faults: &'a mut FieldErrors, source: Source<'a>) -> Self {
        let sent = match source {
            Source::Json(args, _) => args,
            // A query does not tell a list from a text.
            Source::Query(_) => "",
        };
        Self { faults, sent: Sent::Unread(sent) }
    }
}

impl Violations<'_> {
    /// Adds a message at a path, as the validator writes it (`body.tags[1]`).
    pub fn add(&mut self, path: impl ToString, message: impl ToString) {
        let path = path.to_string().replace('[', ".").replace(']', "");
        let message = message.to_string();
        let words = words(&message, self.sent.at(&path));
        self.faults.add(path, words);
    }
}

impl Sent<'_> {
    /// The value at a path, where it was sent by the names that are in the path.
    fn at(&mut self, path: &str) -> Option<&Value> {
        if let Self::Unread(text) = self {
            *self = Self::Read(serde_json::from_str(text).unwrap_or_default());
        }
        let Self::Read(value) = self else { return None };
        path.split('.').try_fold(&*value, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            value => value.get(part),
        })
    }
}

/// The words for a message of garde's own rules; every other message stays as it is.
fn words<'m>(message: &'m str, value: Option<&Value>) -> Cow<'m, str> {
    let after = |start: &str| message.strip_prefix(start);
    let quoted = |start: &str| after(start)?.strip_suffix('"');
    let is_number = |text: &&str| text.parse::<f64>().is_ok();
    let length = |start: &str| after(start)?.parse::<usize>().ok();
    if let Some(least) = length("length is lower than ") {
        return at_least(least, value).into();
    }
    if let Some(most) = length("length is greater than ") {
        return at_most(most, value).into();
    }
    if let Some(least) = after("lower than ").filter(is_number) {
        return format!("must be at least {least}").into();
    }
    if let Some(most) = after("greater than ").filter(is_number) {
        return format!("must be at most {most}").into();
    }
    for (start, verb) in [
        ("does not contain \"", "contain"),
        ("value does not begin with \"", "begin with"),
        ("does not end with \"", "end with"),
    ] {
        if let Some(text) = quoted(start) {
            return format!("must {verb} \"{text}\"").into();
        }
    }
    if let Some(field) = after("does not match ").and_then(|rest| rest.strip_suffix(" field")) {
        return format!("must be the same as `{field}`").into();
    }
    if after("does not match pattern /").is_some_and(|rest| rest.ends_with('/')) {
        return "is not in the expected format".into();
    }
    if let Some(kind) = after("not a valid ").and_then(|rest| rest.strip_suffix(" address")) {
        return format!("must be an {kind} address").into();
    }
    for (start, words) in [
        ("not a valid email: ", "must be an e-mail address"),
        ("not a valid url: ", "must be a URL"),
        ("not a valid phone number", "must be a phone number"),
        ("not a valid credit card number: ", "must be a credit card number"),
    ] {
        if after(start).is_some() {
            return words.into();
        }
    }
    match message {
        "not set" => "is required".into(),
        "not ascii" => "must contain only ASCII characters".into(),
        "not alphanumeric" => "must contain only letters and digits".into(),
        other => other.into(),
    }
}

fn at_least(least: usize, value: Option<&Value>) -> String {
    match (least, value) {
        (1, _) => "must not be empty".into(),
        (_, Some(Value::String(_))) => format!("must have at least {least} characters"),
        (_, Some(Value::Array(_))) => format!("must have at least {least} elements"),
        (_, Some(Value::Object(_))) => format!("must have at least {least} entries"),
        _ => format!("must have a length of at least {least}"),
    }
}

fn at_most(most: usize, value: Option<&Value>) -> String {
    let unit = match value {
        // Without `chars` the rule counts bytes.
        Some(Value::String(text)) if text.chars().count() <= most => ["byte", "bytes"],
        Some(Value::String(_)) => ["character", "characters"],
        Some(Value::Array(_)) => ["element", "elements"],
        Some(Value::Object(_)) => ["entry", "entries"],
        _ => return format!("must have a length of at most {most}"),
    };
    format!("must have at most {most} {}", if most == 1 { unit[0] } else { unit[1] })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn common_rules_are_said_in_plain_words() {
        let (text, list) = (Some(json!("ab")), Some(json!(["a", "b"])));
        let (map, none) = (Some(json!({"a": 1, "b": 2})), None);
        for (message, value, expected) in [
            ("length is lower than 1", &text, "must not be empty"),
            ("length is lower than 3", &text, "must have at least 3 characters"),
            ("length is lower than 3", &list, "must have at least 3 elements"),
            ("length is lower than 3", &map, "must have at least 3 entries"),
            ("length is lower than 3", &none, "must have a length of at least 3"),
            ("length is greater than 1", &text, "must have at most 1 character"),
            ("length is greater than 0", &text, "must have at most 0 characters"),
            ("length is greater than 2", &Some(json!("ä€")), "must have at most 2 bytes"),
            ("length is greater than 1", &list, "must have at most 1 element"),
            ("length is greater than 1", &map, "must have at most 1 entry"),
            ("length is greater than 1", &none, "must have a length of at most 1"),
            ("lower than 1", &none, "must be at least 1"),
            ("lower than -2.5", &none, "must be at least -2.5"),
            ("greater than 9", &none, "must be at most 9"),
            ("not a valid email: value is missing `@`", &text, "must be an e-mail address"),
            ("not a valid url: empty host", &text, "must be a URL"),
            ("not a valid phone number", &text, "must be a phone number"),
            ("not a valid phone number: not a number", &text, "must be a phone number"),
            ("not a valid credit card number: invalid luhn", &text, "must be a credit card number"),
            ("not a valid IPv4 address", &text, "must be an IPv4 address"),
            ("does not match pattern /^[a-z]+$/", &text, "is not in the expected format"),
            ("does not contain \"@\"", &text, "must contain \"@\""),
            ("value does not begin with \"https\"", &text, "must begin with \"https\""),
            ("does not end with \".rs\"", &text, "must end with \".rs\""),
            ("does not match password field", &text, "must be the same as `password`"),
            ("not ascii", &text, "must contain only ASCII characters"),
            ("not alphanumeric", &text, "must contain only letters and digits"),
            ("not set", &none, "is required"),
            // Messages of an application stay as they are.
            ("lower than the price of the stall", &none, "lower than the price of the stall"),
            ("length is lower than we like", &none, "length is lower than we like"),
            ("say who you are", &text, "say who you are"),
        ] {
            assert_eq!(words(message, value.as_ref()), expected, "{message}");
        }
    }

    #[test]
    fn the_sent_value_tells_texts_from_lists() {
        let mut faults = FieldErrors::default();
        let pairs = crate::args::Pairs::NONE;
        let args = r#"{"title": "ab", "order": {"tags": ["a", "b"], "notes": [["x"]]}}"#;
        let mut violations = Violations::new(&mut faults, Source::Json(args, &pairs));
        for path in ["title", "order.tags", "order.notes[0][0]", "order.notes[7]", "unknown"] {
            violations.add(path, "length is lower than 3");
        }
        let mut violations = Violations::new(&mut faults, Source::Query(&pairs));
        violations.add("query", "length is lower than 3");
        let error = faults.into_error();
        let characters = json!(["must have at least 3 characters"]);
        let length = json!(["must have a length of at least 3"]);
        assert_eq!(
            error.details().unwrap()["fields"],
            json!({
                "title": characters, "order.tags": ["must have at least 3 elements"],
                "order.notes.0.0": characters, "order.notes.7": length, "unknown": length,
                "query": length,
            })
        );
    }
}

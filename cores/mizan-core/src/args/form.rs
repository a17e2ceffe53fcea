//! What the schema of a parameter shows of its texts: which scalars a text may stand for, and whether a
//! list is a set.

use std::borrow::Cow;
use std::sync::OnceLock;

use mizan_schema::{float_text, text_of, text_of_json};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

/// How deep a schema is read. A parameter is a scalar or a list of them.
const DEPTH: usize = 16;

/// Formats of texts that are not a number, not a boolean and not empty.
const FORMATS: [&str; 8] = ["uuid", "date", "date-time", "time", "email", "ipv4", "ipv6", "uri"];

/// How the values of one parameter are written as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Form {
    pub(crate) shape: Shape,
    /// What a text may stand for: the value, or one element of a list.
    pub(crate) scalars: Scalars,
    /// Whether elements of a list may be null.
    pub(crate) null_elements: bool,
}

/// Whether values are lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    #[default]
    Scalar,
    List,
    /// A list in which neither order nor repetition means anything (`uniqueItems`).
    Set,
}

/// Kinds of scalars.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Scalars {
    pub(crate) boolean: bool,
    pub(crate) integer: bool,
    pub(crate) number: bool,
    pub(crate) text: Texts,
}

/// Which texts are values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Texts {
    #[default]
    None,
    /// Only these, or only texts of a [format](FORMATS).
    Some(Vec<String>),
    All,
}

impl Form {
    /// What a schema shows; `resolve` finds what a reference names. `written` is the schema of the same
    /// type as it is written: of a type that reads numbers and texts, and writes texts only, each text
    /// is one.
    pub(crate) fn of<'a>(
        schema: &'a Value,
        resolve: impl Fn(&'a Value) -> &'a Value,
        written: impl FnOnce() -> Value,
    ) -> Self {
        let mut form = Self::default();
        form.read(schema, &resolve, false, DEPTH);
        if form.scalars.text != Texts::None && form.scalars.has_others() {
            let (schema, mut output) = (written(), Self::default());
            output.read(&schema, &|schema| schema, false, DEPTH);
            form.scalars.boolean &= output.scalars.boolean;
            form.scalars.integer &= output.scalars.integer;
            form.scalars.number &= output.scalars.number;
        }
        form
    }

    fn read<'a>(
        &mut self,
        schema: &'a Value,
        resolve: &dyn Fn(&'a Value) -> &'a Value,
        in_list: bool,
        depth: usize,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let schema = resolve(schema);
        let listed = schema.get("enum").and_then(Value::as_array);
        let values =
            listed.map(Vec::as_slice).or_else(|| schema.get("const").map(std::slice::from_ref));
        if let Some(values) = values {
            return values.iter().for_each(|value| self.read_value(value, in_list));
        }
        for kind in kinds(schema) {
            match kind {
                "null" => self.null_elements |= in_list,
                "boolean" => self.scalars.boolean = true,
                "integer" => self.scalars.integer = true,
                "number" => self.scalars.number = true,
                "string" => {
                    let format = schema.get("format").and_then(Value::as_str);
                    let closed = format.is_some_and(|format| FORMATS.contains(&format));
                    self.scalars.text.add(if closed {
                        Texts::Some(Vec::new())
                    } else {
                        Texts::All
                    });
                }
                "array" if !in_list => {
                    let is_set = schema.get("uniqueItems") == Some(&Value::Bool(true));
                    self.shape = if is_set { Shape::Set } else { Shape::List };
                    let first = schema.get("prefixItems").and_then(Value::as_array);
                    for items in first.into_iter().flatten().chain(schema.get("items")) {
                        self.read(items, resolve, true, depth);
                    }
                }
                _ => {}
            }
        }
        let choices = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array());
        for choice in choices.flatten() {
            self.read(choice, resolve, in_list, depth);
        }
    }

    fn read_value(&mut self, value: &Value, in_list: bool) {
        match value {
            Value::Null => self.null_elements |= in_list,
            Value::Bool(_) => self.scalars.boolean = true,
            Value::Number(number) if number.is_f64() => self.scalars.number = true,
            Value::Number(_) => self.scalars.integer = true,
            Value::String(text) => self.scalars.text.add(Texts::Some(vec![text.clone()])),
            Value::Array(_) | Value::Object(_) => {}
        }
    }

    /// The text of a value in keys, scopes and headers, from its JSON: one text for one value. A
    /// number is written as the type writes it, `5` as `5.0` where that is a float; the elements of a
    /// set are sorted by their texts, each once. `None` for an object, which is not a parameter.
    pub(crate) fn text<'a>(&self, json: &'a str) -> Option<Cow<'a, str>> {
        if json.starts_with('[') {
            return self.texts(json).map(|texts| Cow::Owned(Value::from(texts).to_string()));
        }
        self.scalars.text_of(json)
    }

    /// The texts of the elements of a list.
    pub(crate) fn texts(&self, json: &str) -> Option<Vec<String>> {
        let elements: Vec<Value> = serde_json::from_str(json).ok()?;
        let text =
            |element: &Value| self.scalars.text_of(&element.to_string()).map(Cow::into_owned);
        let mut texts = elements.iter().map(text).collect::<Option<Vec<_>>>()?;
        if self.shape == Shape::Set {
            texts.sort_unstable();
            texts.dedup();
        }
        Some(texts)
    }

    /// Sorts the elements of a set by their texts, each once.
    pub(crate) fn settle(&self, value: &mut Value) {
        if let (Shape::Set, Value::Array(elements)) = (self.shape, value) {
            elements.sort_by_cached_key(|element| text_of(element).map(Cow::into_owned));
            elements.dedup_by(|one, other| text_of(one) == text_of(other));
        }
    }

    /// The same for JSON; `None` where it may stay as it is.
    pub(crate) fn settled(&self, json: &str) -> Option<String> {
        if self.shape != Shape::Set {
            return None;
        }
        let mut value = serde_json::from_str(json).ok()?;
        self.settle(&mut value);
        Some(value.to_string())
    }

    /// Two kinds of values that share a text, in words.
    pub(crate) fn ambiguity(&self) -> Option<&'static str> {
        let Scalars { boolean, integer, number, text } = &self.scalars;
        let shared = |is: &dyn Fn(&str) -> bool| match text {
            Texts::None => false,
            Texts::Some(texts) => texts.iter().any(|text| is(text)),
            Texts::All => true,
        };
        if *integer && shared(&|text| text.parse::<i128>().is_ok()) {
            return Some("the integer 5 and the text \"5\"");
        }
        if *number && shared(&|text| text.parse::<f64>().is_ok()) {
            return Some("the number 0.5 and the text \"0.5\"");
        }
        let is_boolean = |text: &str| matches!(text, "true" | "false");
        (*boolean && shared(&is_boolean)).then_some("the boolean true and the text \"true\"")
    }
}

impl Scalars {
    fn has_others(&self) -> bool {
        self.boolean || self.integer || self.number
    }

    fn text_of<'a>(&self, json: &'a str) -> Option<Cow<'a, str>> {
        if self.number
            && !self.integer
            && let Ok(float) = json.parse()
        {
            return Some(Cow::Owned(float_text(float)));
        }
        text_of_json(json)
    }

    /// What is expected, in words for the client.
    pub(crate) fn words(&self) -> String {
        let kinds = [
            (self.integer, "an integer"),
            (self.number, "a number"),
            (self.boolean, "`true` or `false`"),
            (self.text != Texts::None, "text"),
        ];
        let kinds: Vec<&str> = kinds.into_iter().filter(|kind| kind.0).map(|kind| kind.1).collect();
        format!("expected {}", kinds.join(" or "))
    }
}

impl Texts {
    fn add(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::All, _) | (_, Self::None) => {}
            (Self::Some(texts), Self::Some(more)) => texts.extend(more),
            (_, more) => *self = more,
        }
    }
}

fn kinds(schema: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match schema.get("type") {
        Some(Value::Array(kinds)) => (None, kinds.as_slice()),
        kind => (kind, [].as_slice()),
    };
    one.into_iter().chain(many).filter_map(Value::as_str)
}

/// The form of a type, read from its schema where it is first needed.
pub(crate) struct LazyForm {
    schema: fn(&mut SchemaGenerator) -> Schema,
    form: OnceLock<Form>,
}

impl LazyForm {
    pub(crate) fn new(schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        Self { schema, form: OnceLock::new() }
    }

    pub(crate) fn get(&self) -> &Form {
        self.form.get_or_init(|| {
            let schema = inlined(self.schema, true);
            Form::of(&schema, |schema| schema, || inlined(self.schema, false))
        })
    }
}

/// The schema of a type without references, as it is read or as it is written.
pub(crate) fn inlined(schema: impl Fn(&mut SchemaGenerator) -> Schema, read: bool) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let settings = if read { settings.for_deserialize() } else { settings.for_serialize() };
    schema(&mut settings.into_generator()).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(schema: &Value) -> Form {
        Form::of(schema, |schema| schema, || schema.clone())
    }

    #[track_caller]
    fn check(schema: Value, json: &str, text: &str) {
        assert_eq!(form(&schema).text(json).as_deref(), Some(text), "{schema}");
    }

    #[test]
    fn one_value_has_one_text() {
        let list = |kind: &str, is_set: bool| json!({"type": "array", "items": {"type": kind}, "uniqueItems": is_set});
        check(json!({"type": "integer"}), "5", "5");
        check(json!({"type": "number"}), "5", "5.0");
        check(json!({"type": ["number", "null"]}), "-0.0", "0.0");
        check(json!({"type": ["number", "integer"]}), "5", "5");
        check(list("integer", false), "[3,1,3]", r#"["3","1","3"]"#);
        check(list("integer", true), "[3,20,3]", r#"["20","3"]"#);
        check(list("number", true), "[3,1.5]", r#"["1.5","3.0"]"#);
        check(list("string", true), "[\"\u{ff5e}\",\"\u{10000}\"]", "[\"\u{ff5e}\",\"\u{10000}\"]");
    }

    #[test]
    fn two_kinds_that_share_a_text_are_found() {
        for (schema, found) in [
            (json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}), true),
            (json!({"type": ["boolean", "string"]}), true),
            (json!({"type": ["number", "string"]}), true),
            (json!({"anyOf": [{"type": "integer"}, {"enum": ["all", "5"]}]}), true),
            (json!({"anyOf": [{"type": "integer"}, {"enum": ["all", "none"]}]}), false),
            (json!({"anyOf": [{"type": "integer"}, {"type": "string", "format": "uuid"}]}), false),
            (json!({"type": ["integer", "boolean", "null"]}), false),
            (json!({"type": ["string", "null"]}), false),
        ] {
            assert_eq!(form(&schema).ambiguity().is_some(), found, "{schema}");
        }
    }

    #[test]
    fn a_type_that_reads_several_spellings_and_writes_texts_is_text() {
        let reads = json!({"type": ["number", "string"]});
        let form = Form::of(&reads, |schema| schema, || json!({"type": "string"}));
        assert_eq!((form.scalars.number, form.ambiguity()), (false, None));
    }
}

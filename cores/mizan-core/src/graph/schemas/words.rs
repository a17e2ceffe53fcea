//! What tells types of one name apart, in words: `OfUser`, `WithEmail`.
//!
//! All schemas are walked at once, members by name. The first place where they differ in a way that
//! has words gives each of them one.

use serde_json::{Map, Value};

use super::classes::referred;

type Keywords = Map<String, Value>;

/// A piece of a name. The name of a class is put in later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    Text(String),
    Class(usize),
}

/// What one type has and another of its name does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Word {
    /// The type of a member.
    Of(Vec<Part>),
    /// A member, a variant or a value.
    With(String),
}

/// One of the schemas that are walked.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) schema: &'a Value,
    /// The class whose name is looked for.
    pub(super) of: usize,
}

/// Finds words; a class is never named after one that needs its name in turn.
pub(super) struct Words<'g> {
    /// Classes of one number refer to each other.
    pub(super) circles: &'g [usize],
}

impl Words<'_> {
    /// A word for each schema, not the same for all; none where no words distinguish them.
    pub(super) fn difference(&self, all: &[At<'_>]) -> Option<Vec<Option<Word>>> {
        let (first, rest) = all.split_first()?;
        if rest.iter().all(|other| other.schema == first.schema) {
            return None;
        }
        let maps: Option<Vec<&Keywords>> = all.iter().map(|at| at.schema.as_object()).collect();
        let same = |maps: &[&Keywords], key: &str| {
            maps.windows(2).all(|pair| pair[0].get(key) == pair[1].get(key))
        };
        let Some(maps) = maps
            .filter(|maps| ["type", "format", "const", "$ref"].iter().all(|key| same(maps, key)))
        else {
            let word = |at: &At<'_>| Some(Word::Of(self.describe(at.schema, at.of)?));
            return told_apart(all.iter().map(word).collect());
        };
        let parts: Vec<_> = maps.iter().map(|map| parts(map)).collect();
        let (first, others) = parts.split_first()?;
        let find = |parts: &[(Label, &'_ Value)], label: &Label| {
            parts.binary_search_by(|(own, _)| own.cmp(label)).ok()
        };
        let mut shared = Vec::new();
        for (label, schema) in first {
            let mut found = vec![At { schema, of: all[0].of }];
            for (other, at) in others.iter().zip(&all[1..]) {
                let Some(position) = find(other, label) else { break };
                found.push(At { schema: other[position].1, of: at.of });
            }
            if found.len() < all.len() {
                continue;
            }
            if let Some(words) = self.difference(&found) {
                return Some(words);
            }
            shared.push(label);
        }
        let own = parts.iter().map(|parts| {
            let mut names = parts.iter().filter(|(label, _)| shared.binary_search(&label).is_err());
            names.find_map(|(label, _)| match label {
                Label::Name(name) => Some(Word::With(pascal(name)?)),
                Label::Place(..) => None,
            })
        });
        told_apart(own.collect())
    }

    /// The type of a member.
    fn describe(&self, schema: &Value, of: usize) -> Option<Vec<Part>> {
        let Some(keywords) = schema.as_object().filter(|keywords| !keywords.is_empty()) else {
            return Some(text("Any"));
        };
        if let Some(class) = referred(schema) {
            return (self.circles.get(class) != self.circles.get(of))
                .then(|| vec![Part::Class(class)]);
        }
        if let Some(value) = keywords.get("const") {
            return Some(text(&pascal(value.as_str()?)?));
        }
        let is_null = |schema: &Value| schema.get("type").is_some_and(|name| name == "null");
        match (keywords.get("type"), keywords.get("anyOf")) {
            (Some(Value::String(name)), _) => self.describe_type(name, keywords, of),
            (Some(Value::Array(names)), _) => {
                let name = names.iter().filter_map(Value::as_str).find(|name| *name != "null")?;
                Some(after("Optional", self.describe_type(name, keywords, of)?))
            }
            (None, Some(Value::Array(choices))) => match &choices[..] {
                [some, null] if is_null(null) => Some(after("Optional", self.describe(some, of)?)),
                _ => None,
            },
            _ => None,
        }
    }

    fn describe_type(&self, name: &str, keywords: &Keywords, of: usize) -> Option<Vec<Part>> {
        let inner = |key: &str| self.describe(keywords.get(key)?, of);
        match name {
            "array" => {
                if let Some(Value::Array(items)) = keywords.get("prefixItems") {
                    let items: Option<Vec<_>> =
                        items.iter().map(|item| self.describe(item, of)).collect();
                    return Some(after("TupleOf", items?.join(&Part::Text("And".into()))));
                }
                let is_set = keywords.get("uniqueItems").is_some_and(|unique| unique == true);
                Some(after(if is_set { "SetOf" } else { "ListOf" }, inner("items")?))
            }
            "object" => match inner("additionalProperties") {
                Some(values) if !keywords.contains_key("properties") => {
                    Some(after("MapOf", values))
                }
                _ => Some(text("Object")),
            },
            name => {
                let format = keywords.get("format").and_then(Value::as_str).and_then(pascal);
                Some(text(&format.or_else(|| pascal(name))?))
            }
        }
    }
}

fn text(text: &str) -> Vec<Part> {
    vec![Part::Text(text.to_owned())]
}

fn after(word: &str, parts: Vec<Part>) -> Vec<Part> {
    [text(word), parts].concat()
}

fn told_apart(words: Vec<Option<Word>>) -> Option<Vec<Option<Word>>> {
    words.windows(2).any(|pair| pair[0] != pair[1]).then_some(words)
}

/// Which part of a schema another one is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    /// A field, a variant or a value.
    Name(String),
    Place(&'static str, usize),
}

/// The schemas inside of a schema by their labels, sorted; values of an `enum` are labels alone.
fn parts(keywords: &Keywords) -> Vec<(Label, &Value)> {
    let mut parts = Vec::new();
    for key in ["properties", "patternProperties"] {
        let members = keywords.get(key).and_then(Value::as_object).into_iter().flatten();
        parts.extend(members.map(|(name, schema)| (Label::Name(name.clone()), schema)));
    }
    for key in ["items", "additionalProperties"] {
        parts.extend(keywords.get(key).map(|schema| (Label::Place(key, 0), schema)));
    }
    for key in ["prefixItems", "allOf", "anyOf", "oneOf"] {
        let members = keywords.get(key).and_then(Value::as_array).into_iter().flatten();
        parts.extend(members.enumerate().map(|(at, schema)| match variant(schema) {
            Some(name) => (Label::Name(name.to_owned()), schema),
            None => (Label::Place(key, at), schema),
        }));
    }
    let values = keywords.get("enum").and_then(Value::as_array).into_iter().flatten();
    let names = values.filter_map(Value::as_str);
    parts.extend(names.map(|name| (Label::Name(name.to_owned()), &Value::Null)));
    parts.sort_by(|(left, _), (right, _)| left.cmp(right));
    parts.dedup_by(|(left, _), (right, _)| left == right);
    parts
}

/// The name of a variant: its value, its tag, or its only key.
fn variant(schema: &Value) -> Option<&str> {
    if let Some(value) = schema.get("const") {
        return value.as_str();
    }
    let properties = schema.get("properties")?.as_object()?;
    let tag = properties.values().find_map(|schema| schema.get("const")?.as_str());
    let only = properties.keys().next().filter(|_| properties.len() == 1);
    tag.or(only.map(String::as_str))
}

/// `date-time` as `DateTime`; none where no letter or digit is left.
fn pascal(name: &str) -> Option<String> {
    let mut result = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut chars = word.chars();
        result.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        result.push_str(chars.as_str());
    }
    (!result.is_empty()).then_some(result)
}

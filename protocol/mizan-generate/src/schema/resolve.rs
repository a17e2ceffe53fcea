//! Reading a schema. What is not understood is `unknown` and a warning, never a guess.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Type;
use super::literal::literal;
use super::place::{Place, Root, Step};
use super::wide::is_wide;
use crate::problem::Problem;

/// Nesting beyond this is not followed. The parser of a document stops at 128.
const DEEPEST: usize = 128;

/// The product of member counts up to which TypeScript spells out an intersection of unions.
const MOST_COMBINATIONS: usize = 10_000;

/// Lists of one length are tuples up to this length.
const LONGEST_TUPLE: usize = 16;

/// And where the tuple names at most this number of types, or lists in lists would fill files.
const LARGEST_TUPLE: usize = 512;

/// Keywords that say nothing about the shape of a value, or only narrow it.
const ANNOTATIONS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Keywords that say what a value is.
const CONSTRAINTS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "items",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "type",
];

/// Turns schemas into types and gathers what there is to say about them.
#[derive(Debug)]
pub(crate) struct Resolver<'a> {
    definitions: HashMap<&'a str, usize>,
    pub(super) schemas: Vec<&'a Value>,
    place: Place<'a>,
    /// One line for each schema that was not understood.
    pub(crate) warnings: Vec<String>,
    /// References to nothing.
    pub(crate) problems: Vec<Problem>,
    /// Where integers are that a number may not hold exactly.
    pub(crate) wide: Vec<String>,
}

impl<'a> Resolver<'a> {
    /// A resolver for references to these definitions, in this order.
    pub(crate) fn new(definitions: impl Iterator<Item = (&'a str, &'a Value)>) -> Self {
        let (names, schemas): (Vec<_>, Vec<_>) = definitions.unzip();
        Self {
            definitions: names.into_iter().enumerate().map(|(at, name)| (name, at)).collect(),
            schemas,
            place: Place { root: Root::Definition(""), steps: Vec::new() },
            warnings: Vec::new(),
            problems: Vec::new(),
            wide: Vec::new(),
        }
    }

    /// The type of one whole schema.
    pub(crate) fn resolve(&mut self, root: Root<'a>, schema: &'a Value) -> Type<'a> {
        self.place = Place { root, steps: Vec::new() };
        self.schema(schema, false)
    }

    /// The type of a schema one step below.
    pub(super) fn at(&mut self, step: Step<'a>, schema: &'a Value) -> Type<'a> {
        self.below(step, schema, false)
    }

    /// The same, where other schemas may hold of the same value.
    fn below(&mut self, step: Step<'a>, schema: &'a Value, beside: bool) -> Type<'a> {
        if self.place.steps.len() >= DEEPEST {
            return self.unknown("is nested too deeply");
        }
        self.place.steps.push(step);
        let ty = self.schema(schema, beside);
        self.place.steps.pop();
        ty
    }

    fn schema(&mut self, schema: &'a Value, beside: bool) -> Type<'a> {
        match schema {
            Value::Bool(true) if beside => Type::Unknown,
            Value::Bool(true) => self.any(),
            Value::Bool(false) => Type::Never,
            Value::Object(keywords) => self.keywords(keywords, beside),
            _ => self.unknown("is not a schema"),
        }
    }

    /// All keywords hold at once, so the parts are intersected.
    fn keywords(&mut self, keywords: &'a Map<String, Value>, beside: bool) -> Type<'a> {
        let said = self.warnings.len();
        let words = CONSTRAINTS.iter().filter(|word| keywords.contains_key(**word)).count();
        let is_narrowed = beside || words > 1;
        let mut parts = Vec::new();
        let mut understood = false;
        if let Some(reference) = keywords.get("$ref") {
            understood = true;
            parts.push(self.reference(reference));
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(Value::Array(members)) = keywords.get(word) {
                understood = true;
                let absent = is_narrowed.then(|| self.absent(members, keywords)).flatten();
                let mut types = Vec::new();
                for (index, member) in members.iter().enumerate() {
                    if absent.is_none() || !allows_all(member) {
                        types.push(self.at(Step::Position(word, index), member));
                    }
                }
                parts.push(Type::union(types.into_iter().chain(absent)));
            }
        }
        if let Some(Value::Array(members)) = keywords.get("allOf") {
            understood = true;
            let is_narrowed = is_narrowed || members.len() > 1;
            for (index, member) in members.iter().enumerate() {
                parts.push(self.below(Step::Position("allOf", index), member, is_narrowed));
            }
        }
        let before = self.warnings.len();
        if let Some(value) = keywords.get("const") {
            understood = true;
            parts.push(literal(value));
        } else if let Some(Value::Array(values)) = keywords.get("enum") {
            understood = true;
            parts.push(Type::union(values.iter().map(literal)));
        } else if let Some(shape) = self.shape(keywords) {
            // `type: object` next to a reference or a union of objects adds nothing to it.
            let bare = matches!(&shape, Type::Map(inner) if **inner == Type::Unknown);
            if bare && understood {
                self.warnings.truncate(before);
            } else {
                parts.insert(0, shape);
            }
            understood = true;
        }
        if !understood && keywords.get("not").is_some_and(is_everything) {
            return Type::Never;
        }
        if !understood && keywords.keys().any(|word| !ANNOTATIONS.contains(&word.as_str())) {
            return self.unknown("has no keyword that says what the value is");
        }
        let ty = self.intersect(parts);
        if ty == Type::Unknown && !beside && self.warnings.len() == said {
            return self.any();
        }
        ty
    }

    fn intersect(&mut self, parts: Vec<Type<'a>>) -> Type<'a> {
        let combinations = parts.iter().fold(1usize, |product, part| match part {
            Type::Union(members) => product.saturating_mul(members.len()),
            _ => product,
        });
        if combinations > MOST_COMBINATIONS {
            return self.unknown("combines more unions than TypeScript can");
        }
        Type::intersection(parts)
    }

    fn each(&mut self, word: &'static str, members: &'a [Value]) -> Vec<Type<'a>> {
        let members = members.iter().enumerate();
        members.map(|(index, member)| self.at(Step::Position(word, index), member)).collect()
    }

    /// The type that `type` and the keywords that go with it speak of.
    fn shape(&mut self, keywords: &'a Map<String, Value>) -> Option<Type<'a>> {
        match keywords.get("type") {
            Some(Value::String(name)) => Some(self.of_type(name, keywords)),
            Some(Value::Array(names)) => {
                let members: Vec<_> = names
                    .iter()
                    .map(|name| self.of_type(name.as_str().unwrap_or_default(), keywords))
                    .collect();
                Some(Type::union(members))
            }
            Some(_) => Some(self.unknown("has a `type` that is not a name")),
            None => self.implied(keywords),
        }
    }

    /// Without `type`, keywords that only make sense for one.
    fn implied(&mut self, keywords: &'a Map<String, Value>) -> Option<Type<'a>> {
        let has = |words: &[&str]| words.iter().any(|word| keywords.contains_key(*word));
        if has(&["properties", "additionalProperties", "patternProperties", "required"]) {
            Some(self.object(keywords))
        } else if has(&["items", "prefixItems"]) {
            Some(self.array(keywords))
        } else {
            None
        }
    }

    fn of_type(&mut self, name: &str, keywords: &'a Map<String, Value>) -> Type<'a> {
        match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "number" => Type::Number,
            "integer" => {
                if is_wide(keywords) {
                    self.wide.push(self.place.label());
                }
                Type::Number
            }
            "string" => match keywords.get("format").and_then(Value::as_str) {
                Some("mizan-bigint") => Type::BigInt,
                _ => Type::Text,
            },
            "array" => self.array(keywords),
            "object" => self.object(keywords),
            _ => self.unknown("has a `type` that JSON Schema does not know"),
        }
    }

    fn array(&mut self, keywords: &'a Map<String, Value>) -> Type<'a> {
        let rest = keywords.get("items").map(|items| self.at(Step::Keyword("items"), items));
        let bound = |word: &str| keywords.get(word).and_then(Value::as_u64);
        let longest = bound("maxItems");
        let Some(Value::Array(positions)) = keywords.get("prefixItems") else {
            let item = rest.unwrap_or_else(|| self.any());
            let shortest = bound("minItems").unwrap_or(0);
            let length = longest.filter(|longest| *longest == shortest);
            return match length.and_then(|length| usize::try_from(length).ok()) {
                Some(length)
                    if length <= LONGEST_TUPLE && length * item.size() <= LARGEST_TUPLE =>
                {
                    Type::Tuple(vec![item; length], None)
                }
                _ => Type::Array(Box::new(item)),
            };
        };
        let positions = self.each("prefixItems", positions);
        let closed = longest.is_some_and(|longest| longest <= positions.len() as u64);
        let rest = match rest {
            Some(Type::Never) => None,
            _ if closed => None,
            Some(rest) => Some(Box::new(rest)),
            None => Some(Box::new(self.any())),
        };
        Type::Tuple(positions, rest)
    }

    /// The position of the definition that a reference names.
    pub(super) fn definition(&self, name: &str) -> Option<usize> {
        let plain = name.replace("~1", "/").replace("~0", "~");
        let decoded =
            || percent_decode(name).map(|name| name.replace("~1", "/").replace("~0", "~"));
        let found = self.definitions.get(plain.as_str()).copied();
        found.or_else(|| self.definitions.get(decoded()?.as_str()).copied())
    }

    fn reference(&mut self, reference: &'a Value) -> Type<'a> {
        let Some(name) = reference.as_str().and_then(|text| text.strip_prefix("#/$defs/")) else {
            return self.unknown("refers to something else than `#/$defs/…`");
        };
        let found = self.definition(name);
        found.map(Type::Named).unwrap_or_else(|| {
            self.problems.push(Problem::new(
                self.place.pointer() + "/$ref",
                format!("the reference {:?} leads nowhere", format!("#/$defs/{name}")),
                "add the type to `$defs`; a Mizan backend does so automatically",
            ));
            Type::Unknown
        })
    }

    /// The type of a value of which nothing is known, on purpose or not.
    pub(super) fn any(&mut self) -> Type<'a> {
        let label = self.place.label();
        self.warnings.push(format!("`{label}` allows any value; its type is `unknown`"));
        Type::Unknown
    }

    fn unknown(&mut self, why: &str) -> Type<'a> {
        let pointer = self.place.pointer();
        self.warnings.push(format!("{pointer} {why}; its type is `unknown`"));
        Type::Unknown
    }
}

/// True for a schema that holds of every value.
pub(super) fn allows_all(schema: &Value) -> bool {
    match schema {
        Value::Bool(everything) => *everything,
        Value::Object(keywords) => keywords.keys().all(|word| ANNOTATIONS.contains(&word.as_str())),
        _ => false,
    }
}

fn is_everything(schema: &Value) -> bool {
    match schema {
        Value::Bool(everything) => *everything,
        Value::Object(keywords) => keywords.is_empty(),
        _ => false,
    }
}

/// The text of `%41`; none where that is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match decoded {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

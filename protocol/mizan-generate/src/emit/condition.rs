//! Conditions that tell the members of a union apart, and the functions they call.

use super::imports::Used;
use super::layout::{Piece, text};
use crate::names::{access, is_identifier, quote};
use crate::plan::{Is, Test};

/// Tests that a `union` is decoded by. They return `boolean` and narrow nothing, so that no type
/// of a document can make the compiler object to a comparison.
pub(super) const HELPERS: &str = r#"
export function isText(value: any): boolean {
  return typeof value === "string";
}

export function isDigits(value: any): boolean {
  return typeof value === "string" && /^-?\d+$/.test(value);
}

export function isNumber(value: any): boolean {
  return typeof value === "number";
}

export function isBoolean(value: any): boolean {
  return typeof value === "boolean";
}

export function isList(value: any): boolean {
  return Array.isArray(value);
}

export function isObject(value: any): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
"#;

/// Notes the functions that a test calls.
pub(super) fn add_tests(test: &Test<'_>, used: &mut Used<'_>) {
    match test {
        Test::Is(kind) => used.insert(helper(*kind)),
        Test::Tuple(_) => used.insert(helper(Is::List)),
        Test::Object(fields) => {
            used.insert(helper(Is::Object));
            fields.iter().for_each(|(_, test)| add_tests(test, used));
        }
        Test::All(tests) | Test::Any(tests) => {
            tests.iter().for_each(|test| add_tests(test, used));
        }
        Test::Always | Test::Equals(_) | Test::Tagged(..) => {}
    }
}

fn helper(kind: Is) -> &'static str {
    match kind {
        Is::Text => "isText",
        Is::Digits => "isDigits",
        Is::Number => "isNumber",
        Is::Boolean => "isBoolean",
        Is::List => "isList",
        Is::Object => "isObject",
    }
}

/// The condition of a test; none where it always holds.
pub(super) fn condition<'p>(test: &Test<'_>, of: &str) -> Option<Piece<'p>> {
    let mut parts = Vec::new();
    conjuncts(test, of, &mut parts);
    let mut pieces = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            pieces.extend([text(" &&"), Piece::Line]);
        }
        pieces.push(text(part));
    }
    (!pieces.is_empty()).then(|| Piece::Group(vec![Piece::Indent(pieces)]))
}

/// Expressions that must all be true.
fn conjuncts(test: &Test<'_>, of: &str, parts: &mut Vec<String>) {
    match test {
        Test::Always => {}
        Test::Equals(literal) => parts.push(format!("{of} === {literal}")),
        Test::Is(kind) => parts.push(format!("{}({of})", helper(*kind))),
        Test::Tuple(length) => {
            parts.push(format!("{}({of})", helper(Is::List)));
            parts.push(format!("{of}.length === {length}"));
        }
        Test::Tagged(name, literal) if is_identifier(name) => {
            parts.push(format!("{of}?.{name} === {literal}"));
        }
        Test::Tagged(name, literal) => {
            parts.push(format!("{of}?.[{}] === {literal}", quote(name)));
        }
        Test::Object(fields) => {
            parts.push(format!("{}({of})", helper(Is::Object)));
            for (name, test) in fields {
                parts.push(present(of, name));
                conjuncts(test, &access(of, name), parts);
            }
        }
        Test::All(tests) => tests.iter().for_each(|test| conjuncts(test, of, parts)),
        Test::Any(tests) if tests.is_empty() => parts.push("false".to_owned()),
        Test::Any(tests) => {
            let alternatives: Vec<_> = tests.iter().map(|test| flat(test, of)).collect();
            parts.push(format!("({})", alternatives.join(" || ")));
        }
    }
}

/// A condition on one line, in parentheses where it has several parts.
fn flat(test: &Test<'_>, of: &str) -> String {
    let mut parts = Vec::new();
    conjuncts(test, of, &mut parts);
    match parts.as_slice() {
        [only] => only.clone(),
        parts => format!("({})", parts.join(" && ")),
    }
}

/// Names that every object has without having the field.
const INHERITED: &[&str] = &[
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// True where the object does not have the field.
pub(super) fn absent(of: &str, name: &str) -> String {
    if INHERITED.contains(&name) {
        format!("!{}", has_own(of, name))
    } else {
        format!("{} === undefined", access(of, name))
    }
}

fn present(of: &str, name: &str) -> String {
    if INHERITED.contains(&name) { has_own(of, name) } else { format!("{} in {of}", quote(name)) }
}

fn has_own(of: &str, name: &str) -> String {
    format!("Object.prototype.hasOwnProperty.call({of}, {})", quote(name))
}

//! The body of a call, taken apart without reading any value: `{"fn", "args", "mounted"}`.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// The body of `call/`. Members other than these are ignored, so that newer clients work.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    pub(crate) function: Cow<'a, str>,
    /// The text of an object, or empty where `args` is absent.
    pub(crate) args: &'a str,
    /// The text of what the page holds, or empty.
    pub(crate) mounted: &'a str,
}

impl<'a> Envelope<'a> {
    /// Takes a body apart; every fault of form is a 400.
    pub(crate) fn read(body: &'a [u8], depth: usize) -> Result<Self> {
        let text = check_form(body, depth)?;
        // serde reads a struct from a list as well, and a call is not a list.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'[') {
            return Err(Error::bad_request(
                "the body must be an object with `fn` (text) and `args` (object)",
            ));
        }
        let parts: Parts<'a> = serde_json::from_str(text).map_err(|error| {
            match error.classify() {
                // Mizan's words and serde's type words; neither quotes the input.
                serde_json::error::Category::Data => Error::bad_request(data_message(&error)),
                _ => not_json(&error),
            }
        })?;
        let Some(Name(function)) = parts.function.filter(|name| !name.0.is_empty()) else {
            return Err(Error::bad_request("the body has no `fn`"));
        };
        let args = parts.args.map_or("", RawValue::get);
        if !args.is_empty() && !args.starts_with('{') {
            return Err(Error::bad_request("`args` must be an object"));
        }
        Ok(Self { function, args, mounted: parts.mounted.map_or("", RawValue::get) })
    }
}

/// The text of a body that is one JSON object, the arguments of a route.
pub(crate) fn object(body: &[u8], depth: usize) -> Result<&str> {
    let text = check_form(body, depth)?;
    let value: &RawValue = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    if !value.get().starts_with('{') {
        return Err(Error::bad_request("the body must be a JSON object"));
    }
    Ok(value.get())
}

/// The body as text; every fault of form is a 400.
fn check_form(body: &[u8], depth: usize) -> Result<&str> {
    if body.is_empty() {
        return Err(Error::bad_request("the body is empty, expected a JSON object"));
    }
    // No reader of JSON checks a member that no one reads.
    let text = std::str::from_utf8(body);
    let text = text.map_err(|_| Error::bad_request("the body is not UTF-8"))?;
    if deeper_than(body, depth) {
        return Err(Error::bad_request(format!("the body is nested deeper than {depth} levels")));
    }
    Ok(text)
}

fn not_json(error: &serde_json::Error) -> Error {
    Error::bad_request(format!("the body is not valid JSON at column {}", error.column()))
}

fn data_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.contains("duplicate field") {
        "the body names `fn` or `args` twice".into()
    } else {
        "the body must be an object with `fn` (text) and `args` (object)".into()
    }
}

#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(rename = "fn", borrow, default)]
    function: Option<Name<'a>>,
    #[serde(borrow, default)]
    args: Option<&'a RawValue>,
    #[serde(borrow, default)]
    mounted: Option<&'a RawValue>,
}

/// Whether brackets outside of strings nest deeper than `limit`. A body too short to do so is not
/// looked at.
fn deeper_than(body: &[u8], limit: usize) -> bool {
    if body.len() <= limit {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Fills `slots` with the texts of the named members of an object, in the order of `names`. Unknown
/// members are ignored; a name that appears twice, known or not, is a 400.
pub(crate) fn read_members<'a>(
    args: &'a str,
    names: &[impl AsRef<str>],
    slots: &mut [Option<&'a str>],
) -> Result<()> {
    if args.is_empty() {
        return Ok(());
    }
    let mut deserializer = serde_json::Deserializer::from_str(args);
    let duplicate = deserializer
        .deserialize_map(Members { names, slots })
        // The envelope was valid JSON, so an error here comes from a name that is not Unicode text.
        .map_err(|_| Error::bad_request("`args` has a name that is not valid text"))?;
    match duplicate {
        Some(Duplicate) => Err(Error::bad_request("`args` names a member twice")),
        None => Ok(()),
    }
}

struct Members<'s, 'a, N> {
    names: &'s [N],
    slots: &'s mut [Option<&'a str>],
}

impl<'a, N: AsRef<str>> Visitor<'a> for Members<'_, 'a, N> {
    type Value = Option<Duplicate>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut duplicate = None;
        let mut unknown: Vec<Cow<'a, str>> = Vec::new();
        while let Some(name) = map.next_key::<Name<'a>>()? {
            match self.names.iter().position(|known| known.as_ref() == name.0) {
                Some(index) => {
                    let value: &'a RawValue = map.next_value()?;
                    if self.slots[index].replace(value.get()).is_some() {
                        duplicate = Some(Duplicate);
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                    if unknown.contains(&name.0) {
                        duplicate = Some(Duplicate);
                    }
                    // Enough to catch a slip; more would make the check quadratic.
                    if unknown.len() < 100 {
                        unknown.push(name.0);
                    }
                }
            }
        }
        Ok(duplicate)
    }
}

struct Duplicate;

/// A text without a copy, where it has no escapes. Within an `Option` a `Cow` alone would be copied.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Result<(&str, &str), &str>) {
        let found = Envelope::read(body.as_bytes(), 64);
        match (&found, expected) {
            (Ok(envelope), Ok((function, args))) => {
                assert_eq!((&*envelope.function, envelope.args), (function, args));
            }
            (Err(error), Err(message)) => assert_eq!(error.message(), message),
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn a_body_is_taken_apart() {
        check(r#"{"fn":"a","args":{"x":1},"later":[]}"#, Ok(("a", r#"{"x":1}"#)));
        check(r#"{"fn":"a"}"#, Ok(("a", "")));
    }

    #[test]
    fn faults_of_form_say_what_is_wrong() {
        check("", Err("the body is empty, expected a JSON object"));
        check(r#"{"args":{}}"#, Err("the body has no `fn`"));
        check(r#"{"fn":""}"#, Err("the body has no `fn`"));
        check(r#"{"fn":"a","args":[1]}"#, Err("`args` must be an object"));
        check(r#"{"fn":"a","fn":"b"}"#, Err("the body names `fn` or `args` twice"));
        check(
            r#"{"fn":5}"#,
            Err("the body must be an object with `fn` (text) and `args` (object)"),
        );
        check("{", Err("the body is not valid JSON at column 1"));
        let nested = "[".repeat(20_000);
        check(&nested, Err("the body is nested deeper than 64 levels"));
        check(&format!(r#"{{"fn":"a","x":"{nested}"}}"#), Ok(("a", "")));
    }

    #[test]
    fn members_are_found_by_name_and_duplicates_refused() {
        fn members(args: &str) -> Result<[Option<&str>; 2]> {
            let mut slots = [None; 2];
            read_members(args, &["a", "b"], &mut slots).map(|()| slots)
        }
        assert_eq!(members(r#"{"b":[1, 2],"c":0}"#).unwrap(), [None, Some("[1, 2]")]);
        assert_eq!(members("").unwrap(), [None, None]);
        assert!(members(r#"{"a":1,"a":1}"#).is_err());
        assert!(members(r#"{"c":1,"c":1}"#).is_err());
    }
}

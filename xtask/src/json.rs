//! Reads the JSON that cargo prints.

use std::collections::BTreeMap;

/// A JSON value. Numbers keep their text: nothing here counts with them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// The value of one text, or nothing where the text is not JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let value = value(&mut rest)?;
        rest.trim_start().is_empty().then_some(value)
    }

    /// A member of an object. Of anything else, and where it is missing, null.
    pub(crate) fn get(&self, name: &str) -> &Self {
        const NULL: &Json = &Json::Null;
        match self {
            Self::Object(members) => members.get(name).unwrap_or(NULL),
            _ => NULL,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The values of a list. Of anything else, none.
    pub(crate) fn list(&self) -> &[Self] {
        if let Self::List(values) = self { values } else { &[] }
    }

    /// The names of the members of an object. Of anything else, none.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Object(members) => members.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

fn value(rest: &mut &str) -> Option<Json> {
    *rest = rest.trim_start();
    match rest.chars().next()? {
        '"' => string(rest).map(Json::Text),
        '[' => sequence(rest, ']', value).map(Json::List),
        '{' => {
            let member = |rest: &mut &str| {
                *rest = rest.trim_start();
                let name = string(rest)?;
                *rest = rest.trim_start().strip_prefix(':')?;
                Some((name, value(rest)?))
            };
            sequence(rest, '}', member).map(|members| Json::Object(members.into_iter().collect()))
        }
        _ => {
            let end =
                rest.find(|char: char| !(char.is_ascii_alphanumeric() || "+-.".contains(char)));
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            *rest = after;
            match word {
                "null" => Some(Json::Null),
                "true" => Some(Json::Bool(true)),
                "false" => Some(Json::Bool(false)),
                _ => word.parse::<f64>().ok().map(|_| Json::Number(word.to_owned())),
            }
        }
    }
}

/// What is between two brackets, separated by commas.
fn sequence<T>(rest: &mut &str, end: char, one: impl Fn(&mut &str) -> Option<T>) -> Option<Vec<T>> {
    let mut all = Vec::new();
    *rest = rest[1..].trim_start();
    if let Some(after) = rest.strip_prefix(end) {
        *rest = after;
        return Some(all);
    }
    loop {
        all.push(one(rest)?);
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(end) {
            *rest = after;
            return Some(all);
        }
        *rest = rest.strip_prefix(',')?;
    }
}

fn string(rest: &mut &str) -> Option<String> {
    let mut chars = rest.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => text.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    chars = chars.as_str()[4..].chars();
                    // Half of a pair: cargo writes such characters as they are.
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or('\u{fffd}')
                }
                other => other,
            }),
            other => text.push(other),
        }
    }
    *rest = chars.as_str();
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn what_cargo_prints_is_read() {
        let text = r#" {"a": [null, true, -1.5e3, "x\n\"\\é\u00e9"], "b": {"c": {}}, "d": []} "#;
        let json = Json::parse(text).unwrap();
        assert_eq!(json.names(), ["a", "b", "d"]);
        let list = json.get("a").list();
        assert_eq!(list[..2], [Json::Null, Json::Bool(true)]);
        assert_eq!(list[2], Json::Number("-1.5e3".into()));
        assert_eq!(list[3].text(), Some("x\n\"\\éé"));
        assert_eq!(json.get("b").get("c").names(), [""; 0]);
        assert_eq!(json.get("x").get("y"), &Json::Null);
    }

    #[test]
    fn what_is_not_json_is_nothing() {
        for text in ["", "{", "[1,]", "{\"a\" 1}", "\"a", "nul", "1 2", "[1 2]", "\"\\u12\""] {
            assert_eq!(Json::parse(text), None, "{text}");
        }
    }
}

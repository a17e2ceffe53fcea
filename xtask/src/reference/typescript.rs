//! What doc comments of TypeScript say: the members of interfaces and classes, and exported functions.

use super::{cell, code, row};
use crate::Result;

/// A member or a function with its documentation.
pub(super) struct Item {
    pub(super) name: String,
    /// The type of a property, or the rest of a signature.
    pub(super) kind: String,
    pub(super) meaning: String,
    default: Option<String>,
    pub(super) example: Option<String>,
}

/// The members of an exported interface or class.
pub(super) fn members(path: &str, text: &str, name: &str) -> Result<Vec<Item>> {
    let start = |line: &str| {
        ["export interface ", "export class "].iter().any(|kind| {
            line.strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with([' ', '<']))
        })
    };
    let body = text.lines().skip_while(|line| !start(line)).skip(1);
    let body = joined(body.take_while(|line| *line != "}"));
    let mut members = Vec::new();
    let mut comment = Comment::default();
    for line in body.iter().map(String::as_str) {
        if comment.takes(line) || line.trim_start().starts_with("// ") {
            continue;
        }
        let member = line.trim().strip_prefix("declare ").unwrap_or(line.trim());
        let member = member.strip_prefix("readonly ").unwrap_or(member);
        if line.starts_with("  ") && !line.starts_with("   ") && member.ends_with(';') {
            let end = member.find(['<', '(', ':', '?']).unwrap_or(member.len());
            let kind = member[end..].trim_end_matches(';').trim_start_matches(['?', ':', ' ']);
            let kind = kind
                .strip_suffix(" | undefined")
                .filter(|_| member[end..].starts_with('?'))
                .unwrap_or(kind);
            members.push(comment.item(&member[..end], kind));
        }
        comment = Comment::default();
    }
    if members.is_empty() {
        return Err(format!("{path}: no members of `{name}`"));
    }
    Ok(members)
}

/// The lines of a body, with a signature of several lines as one.
fn joined<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for line in lines {
        let is_rest = line.starts_with("    ") || line.starts_with("  )");
        match joined.last_mut().filter(|last| is_rest && last.ends_with(['(', ','])) {
            Some(last) if last.ends_with('(') => last.push_str(line.trim()),
            Some(last) if line.starts_with("  )") => {
                last.pop();
                last.push_str(line.trim());
            }
            Some(last) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            None => joined.push(line.to_owned()),
        }
    }
    joined
}

/// An exported function.
pub(super) fn function(path: &str, text: &str, name: &str) -> Result<Item> {
    let mut comment = Comment::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if comment.takes(line) {
            continue;
        }
        let found = line
            .strip_prefix("export ")
            .map(|rest| rest.strip_prefix("async ").unwrap_or(rest))
            .and_then(|rest| rest.strip_prefix("function "))
            .and_then(|rest| rest.strip_prefix(name))
            .filter(|rest| rest.starts_with(['<', '(']));
        if let Some(rest) = found {
            let mut signature = rest.to_owned();
            while !signature.ends_with(" {") {
                let Some(line) = lines.next() else { break };
                signature.push(' ');
                signature.push_str(line.trim());
            }
            return Ok(comment.item(name, signature.trim_end_matches(" {")));
        }
        comment = Comment::default();
    }
    Err(format!("{path}: no function `{name}`"))
}

/// A doc comment as it is read.
#[derive(Default)]
struct Comment {
    open: bool,
    lines: Vec<String>,
}

impl Comment {
    /// Whether a line belongs to a doc comment.
    fn takes(&mut self, line: &str) -> bool {
        let line = line.trim();
        if line.starts_with("/**") {
            *self = Self { open: true, lines: Vec::new() };
        } else if !self.open {
            return false;
        }
        let text =
            line.trim_start_matches("/**").trim_end_matches("*/").trim_start_matches('*').trim();
        if !text.is_empty() {
            self.lines.push(text.to_owned());
        }
        self.open = !line.ends_with("*/");
        true
    }

    fn item(&self, name: &str, kind: &str) -> Item {
        let tag = |tag: &str| {
            self.lines.iter().find_map(|line| line.strip_prefix(tag).map(str::to_owned))
        };
        let text: Vec<&str> =
            self.lines.iter().map(String::as_str).filter(|line| !line.starts_with('@')).collect();
        Item {
            name: name.trim().to_owned(),
            kind: kind.to_owned(),
            meaning: linkless(&text.join(" ")),
            default: tag("@defaultValue "),
            example: tag("@example "),
        }
    }
}

/// The links of a doc comment as code spans.
fn linkless(text: &str) -> String {
    text.replace("{@link ", "`").replace('}', "`")
}

impl Item {
    /// A row of a table of settings.
    pub(super) fn setting(&self, of: &str) -> Result<String> {
        let fault =
            |what: &str| format!("`{of}.{}` has no `@{what}` in its doc comment", self.name);
        let default = self.default.as_deref().ok_or_else(|| fault("defaultValue"))?;
        let example = self.example.as_deref().ok_or_else(|| fault("example"))?;
        let meaning = cell(&self.meaning);
        Ok(row(&[code(&self.name), code(&self.kind), cell(default), code(example), meaning]))
    }

    /// A row of a table of methods.
    pub(super) fn method(&self, of: &str) -> Result<String> {
        let fault = || format!("`{of}.{}` has no `@example` in its doc comment", self.name);
        let example = self.example.as_deref().ok_or_else(fault)?;
        let signature = format!("{}{}", self.name, self.kind);
        Ok(row(&[code(&signature), code(example), cell(&self.meaning)]))
    }

    /// A row of a table of what can be read.
    pub(super) fn property(&self, of: &str) -> Result<String> {
        if self.meaning.is_empty() {
            return Err(format!("`{of}.{}` has no doc comment", self.name));
        }
        Ok(row(&[code(&self.name), code(&self.kind), cell(&self.meaning)]))
    }
}

#[cfg(test)]
mod tests {
    use super::{function, members};

    const SOURCE: &str = "/** A. */\nexport interface Options<T> {\n  /**\n   * Time {@link X}.\n   * @defaultValue `5`\n   * @example make({ time: 1 })\n   */\n  readonly time?: number | undefined;\n  /** Reads. */\n  read(a: string): void;\n}\n";

    #[test]
    fn an_option_is_a_row_with_its_type_default_and_example() {
        let found = members("a.ts", SOURCE, "Options").unwrap();
        assert_eq!(
            found[0].setting("Options").unwrap(),
            "| `time` | `number` | `5` | `make({ time: 1 })` | Time `X`. |\n"
        );
        assert_eq!(
            found[1].method("Options").unwrap_err(),
            "`Options.read` has no `@example` in its doc comment"
        );
        assert!(members("a.ts", SOURCE, "Other").is_err());
    }

    #[test]
    fn an_option_without_a_default_is_a_fault() {
        let source = SOURCE.replace("   * @defaultValue `5`\n", "");
        let found = members("a.ts", &source, "Options").unwrap();
        assert_eq!(
            found[0].setting("Options").unwrap_err(),
            "`Options.time` has no `@defaultValue` in its doc comment"
        );
    }

    #[test]
    fn a_method_of_several_lines_is_one_row() {
        let source = "export interface A {\n  /** Reads.\n   * @example a.read(1, 2)\n   */\n  read<P>(\n    a: P,\n    b: P,\n  ): void;\n}\n";
        let found = members("a.ts", source, "A").unwrap();
        assert_eq!(
            found[0].method("A").unwrap(),
            "| `read<P>(a: P, b: P): void` | `a.read(1, 2)` | Reads. |\n"
        );
    }

    #[test]
    fn a_function_has_its_whole_signature() {
        let source = "/** Reads. @x */\nexport function useA<P>(\n  params: P,\n): State<P> {\n}\n";
        let found = function("a.ts", source, "useA").unwrap();
        assert_eq!(found.kind, "<P>( params: P, ): State<P>");
        assert!(function("a.ts", source, "use").is_err());
    }
}

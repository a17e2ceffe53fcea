//! The paths of a Rust file that lead to another module of its crate.

use super::tokens::{Token, tokens};

/// A path from the root of the crate, and the line where it is.
#[derive(Debug, PartialEq)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// What a file says about modules.
#[derive(Default)]
pub(super) struct Imports {
    /// Paths by `crate`, `self` and `super`, in `use` and in code, from the root of the crate.
    pub(super) paths: Vec<Import>,
    /// What `use` brings in by a path that is relative: `(name, path)`.
    pub(super) names: Vec<(String, Vec<String>)>,
    /// The modules in other files that are compiled for tests alone.
    pub(super) test_modules: Vec<String>,
}

/// Reads a file of the module `module` (`["a", "b"]` for `a::b`; empty for the root). Modules under
/// `#[cfg(test)]` are left out.
pub(super) fn imports(module: &[&str], text: &str) -> Imports {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        module: module.iter().map(|&name| name.to_owned()).collect(),
        opened: Vec::new(),
        depth: 0,
        found: Imports::default(),
    };
    while reader.at < reader.tokens.len() {
        reader.read();
    }
    reader.found
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// The module that the next token is in.
    module: Vec<String>,
    /// The depth of braces at which each inline module was opened.
    opened: Vec<usize>,
    depth: usize,
    found: Imports,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    fn read(&mut self) {
        let before = self.at.checked_sub(1).map_or("", |at| self.text(at)).to_owned();
        match self.text(self.at) {
            "#" if self.is_test() => return self.test(),
            "mod" if self.text(self.at + 2) == "{" => {
                self.module.push(self.text(self.at + 1).to_owned());
                self.opened.push(self.depth);
                self.at += 2;
                return;
            }
            "{" => self.depth += 1,
            "}" => {
                self.depth = self.depth.saturating_sub(1);
                if self.opened.last() == Some(&self.depth) {
                    self.opened.pop();
                    self.module.pop();
                }
            }
            "use" if before != "$" => {
                self.at += 1;
                return self.tree(&Vec::new(), true);
            }
            // `$crate` is the crate of a macro's author, wherever the macro is used; what is exported
            // so is above everything.
            "crate" | "self" | "super"
                if self.text(self.at + 1) == "::" && !["$", "::"].contains(&&*before) =>
            {
                return self.tree(&Vec::new(), false);
            }
            _ => {}
        }
        self.at += 1;
    }

    /// Reads one path, with the groups of a `use`, below `prefix`.
    fn tree(&mut self, prefix: &[String], import: bool) {
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        let mut path = prefix.to_vec();
        if self.text(self.at) == "::" {
            // A path from the names of crates.
            path.push(String::new());
            self.at += 1;
        }
        loop {
            match self.text(self.at) {
                "{" if import => {
                    self.at += 1;
                    while !["}", ";", ""].contains(&self.text(self.at)) {
                        self.tree(&path, import);
                        if self.text(self.at) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                text if text == "*" || is_name(text) => {
                    path.push(text.to_owned());
                    self.at += 1;
                    if self.text(self.at) != "::" {
                        break;
                    }
                    self.at += 1;
                }
                // `use<'a>` and `use $crate::…` are no paths of a module; go past the mark.
                text if import && !["", "}", ",", ";"].contains(&text) => {
                    self.at += 1;
                    break;
                }
                _ => break,
            }
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if import && self.text(self.at) == "as" {
            name = self.text(self.at + 1).to_owned();
            self.at += 2;
        }
        self.add(path, name, line, import);
    }

    fn add(&mut self, path: Vec<String>, name: String, line: usize, import: bool) {
        let mut from = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.clone(),
            _ => {
                if import {
                    self.found.names.push((name, path));
                }
                return;
            }
        };
        for segment in path {
            match &*segment {
                "crate" | "self" => {}
                "super" => drop(from.pop()),
                _ => from.push(segment),
            }
        }
        if import {
            self.found.names.push((name, from.clone()));
        }
        self.found.paths.push(Import { path: from, line });
    }

    /// Whether `#[cfg(test)]`, or `#[cfg(all(test, …))]`, begins here.
    fn is_test(&self) -> bool {
        let is =
            |words: &[&str]| (0..).zip(words).all(|(at, word)| self.text(self.at + at) == *word);
        is(&["#", "[", "cfg", "(", "test", ")"]) || is(&["#", "[", "cfg", "(", "all", "(", "test"])
    }

    /// Skips the module after `#[cfg(test)]`, with other attributes between; only the attribute where
    /// something else comes after it.
    fn test(&mut self) {
        let mut at = self.at;
        while self.text(at) == "#" {
            at = self.close(at + 1);
        }
        self.at = at;
        if self.text(at) == "pub" {
            at = if self.text(at + 1) == "(" { self.close(at + 1) } else { at + 1 };
        }
        if self.text(at) == "mod" {
            self.at = at + 3;
            match self.text(at + 2) {
                "{" => self.at = self.close(at + 2),
                _ => self.found.test_modules.push(self.text(at + 1).to_owned()),
            }
        }
    }

    /// The place after the bracket that closes the one at `at`.
    fn close(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(at) {
            match token.text {
                "{" | "[" | "(" => depth += 1,
                "}" | "]" | ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.tokens.len()
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first == '_' || first.is_alphabetic())
}

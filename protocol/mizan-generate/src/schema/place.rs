//! Where in the document the resolver is, for messages; text is made only when one is needed.

use crate::problem::pointer_step;

/// What a schema belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Root<'a> {
    Definition(&'a str),
    ContextParam(&'a str, usize, &'a str),
    Param(&'a str, usize, &'a str),
    Result(&'a str),
}

/// One step into a schema.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Keyword(&'static str),
    Keyed(&'static str, &'a str),
    Position(&'static str, usize),
}

/// A root and the steps below it.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) root: Root<'a>,
    pub(super) steps: Vec<Step<'a>>,
}

impl Place<'_> {
    /// As a JSON pointer.
    pub(super) fn pointer(&self) -> String {
        let mut result = match self.root {
            Root::Definition(name) => format!("/$defs/{}", pointer_step(name)),
            Root::ContextParam(context, index, _) => {
                format!("/contexts/{}/params/{index}/schema", pointer_step(context))
            }
            Root::Param(function, index, _) => {
                format!("/functions/{}/params/{index}/schema", pointer_step(function))
            }
            Root::Result(function) => format!("/functions/{}/result", pointer_step(function)),
        };
        for step in &self.steps {
            result += &match step {
                Step::Keyword(word) => format!("/{word}"),
                Step::Keyed(word, key) => format!("/{word}/{}", pointer_step(key)),
                Step::Position(word, index) => format!("/{word}/{index}"),
            };
        }
        result
    }

    /// As a developer would name it: `rename(user_id)`, `Profile.id`, `latest() -> [].id`.
    pub(super) fn label(&self) -> String {
        let mut result = match self.root {
            Root::Definition(name) => name.escape_debug().to_string(),
            Root::ContextParam(owner, _, name) | Root::Param(owner, _, name) => {
                format!("{owner}({name})")
            }
            Root::Result(function) => format!("{function}() -> "),
        };
        for step in &self.steps {
            match step {
                Step::Keyed("properties", key) => {
                    if !result.ends_with("-> ") {
                        result.push('.');
                    }
                    result += &key.escape_debug().to_string();
                }
                Step::Keyword("items" | "additionalProperties") => result += "[]",
                Step::Position("prefixItems", index) => result += &format!("[{index}]"),
                _ => {}
            }
        }
        result.trim_end_matches(" -> ").to_owned()
    }
}

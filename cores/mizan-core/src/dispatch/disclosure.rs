//! What a caller may be told of targets that a function named at run time: a value that they do not know stays on the server.

use std::cell::OnceCell;
use std::collections::HashSet;

use mizan_schema::Target;
use serde_json::{Map, Value};

use crate::args::Form;
use crate::graph::{ContextParam, FunctionNode, Graph};

/// What the caller of one call knows.
pub(crate) struct Known<'a> {
    graph: &'a Graph,
    /// The function that was called.
    node: &'a FunctionNode,
    /// Its arguments, once one was asked for.
    sent: OnceCell<Vec<Sent>>,
    /// One of its arguments as it was read, as JSON.
    argument: &'a dyn Fn(usize) -> Option<Vec<u8>>,
    /// Entries that the caller holds and could read after the call: contexts with their parameters.
    held: &'a [(String, Map<String, Value>)],
}

/// One argument.
struct Sent {
    value: Value,
    /// Texts of the elements of a list.
    elements: HashSet<String>,
}

impl Sent {
    fn new(json: Option<Vec<u8>>) -> Self {
        let value = json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or(Value::Null);
        let elements = value.as_array().into_iter().flatten();
        let elements =
            elements.filter_map(|element| Form::default().client_text(element)).collect();
        Self { value, elements }
    }
}

impl<'a> Known<'a> {
    pub(crate) fn new(
        (graph, node): (&'a Graph, &'a FunctionNode),
        argument: &'a dyn Fn(usize) -> Option<Vec<u8>>,
        held: &'a [(String, Map<String, Value>)],
    ) -> Self {
        Self { graph, node, sent: OnceCell::new(), argument, held }
    }

    /// Whether the caller knows every value of a target.
    pub(crate) fn has(&self, target: &Target) -> bool {
        let context = self.graph.context(&target.context).map(|id| &self.graph[id]);
        let Some(context) = context else { return false };
        // Not sent, and so to be held in one entry.
        let mut unsent = Vec::new();
        for (name, value) in target.params.iter().filter(|(_, value)| !value.is_null()) {
            let Some(param) = context.param(name) else { return false };
            if !self.has_sent(&target.context, param, value) {
                unsent.push((param, value));
            }
        }
        let is_held = |params: &Map<String, Value>| {
            unsent.iter().all(|(param, value)| {
                params.get(&*param.name).is_some_and(|held| equal(&param.form, held, value))
            })
        };
        let mut held = self.held.iter().filter(|(context, _)| *context == target.context);
        unsent.is_empty() || held.any(|(_, params)| is_held(params))
    }

    /// Whether an argument has this value, or is called like the parameter and has it in a list. A list of any name could
    /// hold thousands of guesses.
    fn has_sent(&self, context: &str, param: &ContextParam, value: &Value) -> bool {
        let arguments = &self.node.function.arguments;
        let sent = self.sent.get_or_init(|| {
            (0..arguments.len()).map(|at| Sent::new((self.argument)(at))).collect()
        });
        let text = Form::default().client_text(value).filter(|_| !value.is_array());
        arguments.iter().zip(sent).enumerate().any(|(at, (argument, sent))| {
            let is_named = || {
                is_called(&argument.name, &param.name) || self.is_bound(at, context, &param.name)
            };
            let is_element = |text| sent.elements.contains(text) && is_named();
            equal(&param.form, &sent.value, value) || text.as_ref().is_some_and(is_element)
        })
    }

    /// Whether the function declares that this argument pins the parameter.
    fn is_bound(&self, at: usize, context: &str, name: &str) -> bool {
        let mut effects = self.node.touched.iter().filter(|effect| *effect.context == *context);
        effects.any(|effect| {
            effect.scope.iter().any(|(bound, param)| *bound == at && **param == *name)
        })
    }
}

fn equal(form: &Form, one: &Value, other: &Value) -> bool {
    let one = form.client_text(one);
    one.is_some() && one == form.client_text(other)
}

/// Whether an argument is called like a parameter: by its name, by the end of one of both after `_` (`id` and `user_id`,
/// `new_user_id` and `user_id`), or by the plural of either.
fn is_called(argument: &str, param: &str) -> bool {
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    let names = [Some(argument), argument.strip_suffix('s')];
    names
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
        .any(|name| ends(name, param) || ends(param, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_called_like_a_parameter_by_a_whole_word_at_the_end() {
        for (argument, param, expected) in [
            ("user_id", "user_id", true),
            ("id", "user_id", true),
            ("new_user_id", "user_id", true),
            ("user_ids", "user_id", true),
            ("ids", "user_id", true),
            ("quantity", "user_id", false),
            ("d", "user_id", false),
            ("user", "user_id", false),
            ("paid", "id", false),
            ("s", "id", false),
            ("_", "id", false),
        ] {
            assert_eq!(is_called(argument, param), expected, "{argument} {param}");
        }
    }
}

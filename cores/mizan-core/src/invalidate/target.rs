//! Targets that a function or an application names: they must be in the graph.

use mizan_schema::Target;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::graph::Graph;

/// A target in the form that keys and headers have: sets in the order of their texts.
///
/// # Errors
/// `INTERNAL_ERROR` where it names what does not exist.
pub(crate) fn checked_target(graph: &Graph, mut target: Target) -> Result<Target> {
    let Some(id) = graph.context(&target.context) else {
        return Err(Error::internal(format!("there is no context `{}`", target.context)));
    };
    let context = &graph[id];
    if let Some(name) = target.params.keys().find(|name| context.scope_param(name).is_none()) {
        let text = format!("context `{}` has no parameter `{name}`", target.context);
        return Err(Error::internal(text));
    }
    for (name, value) in &mut target.params {
        let Some(param) = context.param(name) else { continue };
        if !value.is_null() && !fits(value, &param.schema) {
            let text = format!("`{name}` of `{}` is never {value}", target.context);
            return Err(Error::internal(text));
        }
        param.form.settle(value);
    }
    if let Some(member) = &target.function
        && !context.all().iter().any(|id| graph[*id].function.name == **member)
    {
        return Err(Error::internal(format!("`{member}` is not a member of `{}`", target.context)));
    }
    Ok(target)
}

/// Whether a value has the type of a parameter, as far as a quick check shows.
fn fits(value: &Value, schema: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str() {
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("null") => false,
        _ => true,
    };
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is),
        Some(kind) => is(kind),
        None => true,
    }
}

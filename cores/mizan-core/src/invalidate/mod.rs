//! What a mutation made old, as values: the same list for body and header.

mod cover;
mod header;

use mizan_schema::Target;
use serde_json::{Map, Value};

pub use cover::covers;
pub use header::{HEADER_NAME, HeaderError, HeaderTarget, parse_header, write_header};

use crate::args::text_of;
use crate::function::Decoded;
use crate::graph::{Effect, FunctionPlan};
use crate::output::is_safe;

/// A header longer than this is replaced by the broad form of its targets.
pub(crate) const MAX_HEADER: usize = 4 * 1024;

/// The targets of one call, and the header that names them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Invalidation {
    /// What the call affects.
    pub(crate) affected: Vec<Target>,
    /// What the call affects or merges into: what is old if it fails half-way.
    pub(crate) touched: Vec<Target>,
    /// The header of what is touched.
    pub(crate) header: String,
}

impl Invalidation {
    /// Fills the scopes of a mutation with the values of its arguments. An argument that is null
    /// pins nothing.
    pub(crate) fn of(plan: &FunctionPlan, call: &dyn Decoded) -> Self {
        if plan.effects.is_empty() && plan.merges.is_empty() {
            return Self::default();
        }
        let affected = targets(plan.effects.iter(), call);
        let merged = plan.merges.iter().map(|merge| &merge.effect);
        let touched = targets(plan.effects.iter().chain(merged), call);
        let header = header_of(&touched);
        if header.len() <= MAX_HEADER {
            return Self { affected, touched, header };
        }
        let touched = broad(touched);
        Self { affected: broad(affected), header: header_of(&touched), touched }
    }
}

fn targets<'a>(effects: impl Iterator<Item = &'a Effect>, call: &dyn Decoded) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for effect in effects {
        let target = Target {
            context: effect.context.to_string(),
            function: effect.function.as_ref().map(ToString::to_string),
            params: pinned(effect, call),
        };
        // The whole context covers one function of it.
        let covered = |known: &Target| {
            known.context == target.context
                && known.params == target.params
                && (known.function.is_none() || known.function == target.function)
        };
        if !targets.iter().any(covered) {
            targets.push(target);
        }
    }
    targets
}

/// The same targets without parameters, each once.
fn broad(targets: Vec<Target>) -> Vec<Target> {
    let mut broad: Vec<Target> = Vec::new();
    for target in targets {
        let target = Target { params: Map::new(), ..target };
        if !broad.contains(&target) {
            broad.push(target);
        }
    }
    broad
}

/// The values that an effect pins, by the name of the context's parameter.
pub(crate) fn pinned(effect: &Effect, call: &dyn Decoded) -> Map<String, Value> {
    let value = |(at, name): &(usize, std::sync::Arc<str>)| match call.json(*at)? {
        Value::Null => None,
        // An integer that JavaScript would change travels as the text by which entries compare.
        Value::Number(number) if number.as_i128().is_some_and(|integer| !is_safe(integer)) => {
            Some((name.to_string(), Value::String(number.to_string())))
        }
        value => Some((name.to_string(), value)),
    };
    effect.scope.iter().filter_map(value).collect()
}

/// The header of a list of targets, at the level of contexts: each written once.
fn header_of(targets: &[Target]) -> String {
    let mut parts: Vec<HeaderTarget> = Vec::new();
    for target in targets {
        let params = target
            .params
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), text_of(value)?.into_owned())));
        let part = HeaderTarget { context: target.context.clone(), params: params.collect() };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    write_header(&parts)
}

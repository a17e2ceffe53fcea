//! By which parameters the mutations of each context narrow what they change.

use std::collections::HashMap;
use std::sync::Arc;

use mizan_cache::{Narrowing, Shapes};

use super::plan::{ContextNode, Effect, FunctionNode};
use super::schemas::{SchemaBook, without_null};
use crate::function::Function;

/// Computes the shapes of every context, in one walk over all mutations.
pub(super) fn assign_shapes(
    contexts: &mut [ContextNode],
    functions: &[FunctionNode],
    schemas: &SchemaBook,
) {
    let by_name: HashMap<Arc<str>, usize> =
        contexts.iter().enumerate().map(|(at, context)| (Arc::clone(&context.name), at)).collect();
    let mut narrowings: Vec<Vec<Narrowing>> = vec![Vec::new(); contexts.len()];
    for (position, node) in functions.iter().enumerate() {
        for effect in first_of_each_context(&node.touched) {
            let Some(at) = by_name.get(&effect.context) else { continue };
            let pin = |(argument, name): &(usize, Arc<str>)| {
                let param = contexts[*at].params.iter().position(|param| param.name == *name)?;
                let null = may_be_null(&node.function, schemas, position, *argument);
                Some((param, null))
            };
            narrowings[*at].push(effect.scope.iter().filter_map(pin).collect());
        }
    }
    for (context, narrowings) in contexts.iter_mut().zip(narrowings) {
        let members = &context.members;
        let is_read = |name: &str| {
            members.iter().any(|id| functions[id.index()].function.argument(name).is_some())
        };
        let params = context.params.iter().map(|param| {
            let absent = !param.required && param.default.is_none();
            let null =
                absent || without_null(&param.schema) != param.schema || !is_read(&param.name);
            (Arc::clone(&param.name), null)
        });
        context.shapes = Shapes::new(params.collect(), &narrowings);
    }
}

/// All effects of a call on one context have one scope, so the first one stands for them.
fn first_of_each_context(touched: &[Effect]) -> impl Iterator<Item = &Effect> {
    touched.iter().enumerate().filter_map(|(at, effect)| {
        let known = touched[..at].iter().any(|known| known.context == effect.context);
        (!known).then_some(effect)
    })
}

fn may_be_null(
    function: &Function,
    schemas: &SchemaBook,
    position: usize,
    argument: usize,
) -> bool {
    let schema = &schemas.params[position][argument];
    let argument = &function.arguments[argument];
    let absent = !argument.required && argument.default.is_none();
    absent || without_null(schema) != *schema
}

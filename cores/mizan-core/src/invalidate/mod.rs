//! What a mutation made old, as values: one list for body and header.

mod changes;
pub mod invalidate_header;

use std::collections::HashSet;

use mizan_schema::{Target, text_of};
use serde_json::Value;

pub(crate) use changes::{Changes, check as check_target};
use invalidate_header::HeaderTarget;

use crate::function::Decoded;
use crate::graph::{Effect, FunctionNode};

/// A header longer than this is replaced by the broad form of its targets.
const MAX_HEADER: usize = 4 * 1024;

/// The values by which one call narrows what it touches, and the header that says so.
#[derive(Debug, Default)]
pub(crate) struct Invalidation {
    /// For each effect of [`FunctionNode::touched`] the values of its scope, in the same order.
    values: Vec<Vec<Value>>,
    /// Set where the values are too long to be named.
    broad: bool,
    pub(crate) header: String,
}

impl Invalidation {
    /// Takes the values from the arguments that were read. One that is null pins nothing.
    pub(crate) fn of(plan: &FunctionNode, call: &dyn Decoded) -> Self {
        let scope = |effect: &Effect| {
            let value = |(at, _): &(usize, _)| call.json(*at).unwrap_or_default();
            effect.scope.iter().map(value).collect()
        };
        let values = plan.touched.iter().map(scope).collect();
        let mut invalidation = Self { values, ..Self::default() };
        invalidation.header = invalidation.write_header(plan);
        if invalidation.header.len() > MAX_HEADER {
            invalidation.broad = true;
            invalidation.header = invalidation.write_header(plan);
        }
        invalidation
    }

    /// The parameters that one effect pins, sorted by name.
    fn pinned<'a>(
        &'a self,
        plan: &'a FunctionNode,
        at: usize,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.pins(plan, at).filter(|_| !self.broad)
    }

    /// The values by which one effect narrows, whatever their length.
    pub(crate) fn pins<'a>(
        &'a self,
        plan: &'a FunctionNode,
        at: usize,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let names = plan.touched[at].scope.iter().map(|(_, name)| &**name);
        names.zip(&self.values[at]).filter(|(_, value)| !value.is_null())
    }

    /// Contexts only, each once: all effects of a call on one context have one scope.
    fn write_header(&self, plan: &FunctionNode) -> String {
        let mut text = String::new();
        for (at, effect) in plan.touched.iter().enumerate() {
            if plan.touched[..at].iter().any(|known| known.context == effect.context) {
                continue;
            }
            invalidate_header::write_context(&mut text, &effect.context);
            for (name, value) in self.pinned(plan, at) {
                if let Some(value) = text_of(value) {
                    invalidate_header::write_param(&mut text, name, &value);
                }
            }
        }
        text
    }

    /// Appends the JSON list of what the call affects, merges left out.
    pub(crate) fn write_affected(
        &self,
        plan: &FunctionNode,
        body: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        body.push(b'[');
        for (at, effect) in plan.effects.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            self.write_target(plan, at, effect, body)?;
        }
        body.push(b']');
        Ok(())
    }

    /// The form of [`Target`], without building one. Names need no escapes: the graph checked them.
    fn write_target(
        &self,
        plan: &FunctionNode,
        at: usize,
        effect: &Effect,
        body: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let mut pinned = self.pinned(plan, at).peekable();
        if effect.function.is_none() && pinned.peek().is_none() {
            quoted(body, &effect.context);
            return Ok(());
        }
        body.extend_from_slice(b"{\"context\":");
        quoted(body, &effect.context);
        if let Some(function) = &effect.function {
            body.extend_from_slice(b",\"function\":");
            quoted(body, function);
        }
        let mut separator: &[u8] = b",\"params\":{";
        let any = pinned.peek().is_some();
        for (name, value) in pinned {
            body.extend_from_slice(separator);
            separator = b",";
            quoted(body, name);
            body.push(b':');
            serde_json::to_writer(&mut *body, value)?;
        }
        body.extend_from_slice(if any { b"}}" } else { b"}" });
        Ok(())
    }

    /// What the call touches, merges included, as values of their own.
    pub(crate) fn targets(&self, plan: &FunctionNode) -> Vec<Target> {
        (0..plan.touched.len()).map(|at| self.target(plan, at)).collect()
    }

    /// The target of one context that the call merges into.
    pub(crate) fn merged(&self, plan: &FunctionNode, context: &str) -> Target {
        let at = plan.touched.iter().position(|effect| &*effect.context == context);
        let mut target = at.map_or_else(|| Target::context(context), |at| self.target(plan, at));
        target.function = None;
        target
    }

    fn target(&self, plan: &FunctionNode, at: usize) -> Target {
        let effect = &plan.touched[at];
        Target {
            context: effect.context.to_string(),
            function: effect.function.as_ref().map(ToString::to_string),
            params: self
                .pinned(plan, at)
                .map(|(name, own)| (name.to_owned(), own.clone()))
                .collect(),
        }
    }
}

/// The header of targets that were named by hand. Where they are too long to be named, their contexts
/// stand for them, there and in the targets.
pub(crate) fn header_of(targets: &mut Vec<Target>) -> String {
    let write = |targets: &[Target]| {
        let mut known = HashSet::new();
        let text = |(name, value): (&String, &Value)| Some((name.clone(), text_of(value)?.into()));
        let header = |target: &Target| HeaderTarget {
            context: target.context.clone(),
            params: target.params.iter().filter_map(text).collect(),
        };
        let mut all: Vec<HeaderTarget> = targets.iter().map(header).collect();
        all.retain(|target| known.insert((target.context.clone(), target.params.clone())));
        invalidate_header::write(&all)
    };
    let header = write(targets);
    if header.len() <= MAX_HEADER {
        return header;
    }
    let mut known = HashSet::new();
    targets.iter_mut().for_each(|target| target.params.clear());
    targets.retain(|target| known.insert((target.context.clone(), target.function.clone())));
    write(targets)
}

fn quoted(body: &mut Vec<u8>, name: &str) {
    body.push(b'"');
    body.extend_from_slice(name.as_bytes());
    body.push(b'"');
}

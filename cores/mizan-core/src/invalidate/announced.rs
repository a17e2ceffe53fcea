//! What one call announces as stale: by its declared targets and arguments, or as its function said.

use std::collections::HashSet;
use std::sync::Arc;

use mizan_schema::{Target, text_of, text_of_json};
use serde_json::Value;

use super::invalidate_header::{self, HeaderTarget, MAX_LENGTH, write_context, write_param};
use crate::error::Result;
use crate::function::Decoded;
use crate::graph::{Effect, FunctionId, FunctionNode, Graph, MergeNode};

/// The targets of one call, with the header and the JSON that name them.
pub(crate) struct Announced {
    graph: Arc<Graph>,
    function: FunctionId,
    /// For each effect of [`FunctionNode::touched`] in turn, the JSON of the arguments that narrow it;
    /// `None` for one that is null or cannot be written, and so pins nothing.
    pins: Vec<Option<String>>,
    /// Set where the values are too long to be named.
    broad: bool,
    /// What stands for the declared targets, where the function said so.
    replaced: Option<Vec<Target>>,
    /// How many of those are declared ones, before all others: their values are arguments.
    kept: usize,
    header: String,
}

impl Announced {
    /// Takes the values from the arguments that were read.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` if the text of one is not a function of its value, in debug builds.
    pub(crate) fn declared(
        graph: &Arc<Graph>,
        function: FunctionId,
        call: &dyn Decoded,
    ) -> Result<Self> {
        let touched = &graph[function].touched;
        let mut pins = Vec::with_capacity(touched.iter().map(|effect| effect.scope.len()).sum());
        for effect in touched {
            for (argument, name) in &effect.scope {
                call.check_text(*argument)?;
                let mut json = Vec::with_capacity(32);
                let written = call.write_json(*argument, &mut json) && json != b"null";
                let json = String::from_utf8(json).ok().filter(|_| written);
                pins.push(json.map(|json| settled(graph, effect, name, json)));
            }
        }
        let graph = Arc::clone(graph);
        let mut announced = Self {
            graph,
            function,
            pins,
            broad: false,
            replaced: None,
            kept: 0,
            header: String::new(),
        };
        announced.header = announced.declared_header();
        if announced.header.len() > MAX_LENGTH {
            announced.broad = true;
            announced.header = announced.declared_header();
        }
        Ok(announced)
    }

    pub(crate) fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    pub(crate) fn function(&self) -> FunctionId {
        self.function
    }

    pub(crate) fn node(&self) -> &FunctionNode {
        &self.graph[self.function]
    }

    /// Puts other targets in the place of the declared ones: the first `kept` of them are declared, and the function
    /// has named the others. Where they are too long to be named, their contexts stand for them.
    pub(crate) fn replace(&mut self, mut targets: Vec<Target>, kept: usize) {
        self.kept = kept;
        self.header = header_of(&targets);
        if self.header.len() > MAX_LENGTH {
            let mut known = HashSet::new();
            targets.iter_mut().for_each(|target| target.params.clear());
            targets
                .retain(|target| known.insert((target.context.clone(), target.function.clone())));
            self.header = header_of(&targets);
        }
        self.replaced = Some(targets);
    }

    /// Leaves out, for the caller, the values of targets that the function has named and that the caller does not know.
    /// The header keeps them where an edge takes it off.
    pub(crate) fn tell(&mut self, knows: impl Fn(&Target) -> bool, for_edge: bool) {
        let Some(targets) = &mut self.replaced else { return };
        let mut is_hidden = false;
        for target in targets.iter_mut().skip(self.kept) {
            if !target.params.is_empty() && !knows(target) {
                target.params.clear();
                is_hidden = true;
            }
        }
        if !is_hidden {
            return;
        }
        // How many were hidden is not told either.
        let mut known = HashSet::new();
        targets.retain(|target| {
            let is_exact = !target.params.is_empty();
            is_exact || known.insert((target.context.clone(), target.function.clone()))
        });
        if !for_edge {
            self.header = header_of(targets);
        }
    }

    /// Whether the declared targets are.
    #[cfg(debug_assertions)]
    pub(crate) fn is_declared(&self) -> bool {
        self.replaced.is_none()
    }

    /// Takes the value of `X-Mizan-Invalidate` out, unless nothing is stale.
    pub(crate) fn take_header(&mut self) -> Option<String> {
        Some(std::mem::take(&mut self.header)).filter(|header| !header.is_empty())
    }

    /// What is stale, merges included, as values of their own.
    pub(crate) fn targets(&self) -> Vec<Target> {
        match &self.replaced {
            Some(targets) => targets.clone(),
            None => (0..self.node().touched.len()).map(|at| self.target(at)).collect(),
        }
    }

    /// Appends `,"invalidate":[…]`, merges left out, unless the function declares no effect.
    pub(crate) fn write_json(&self, body: &mut Vec<u8>) -> serde_json::Result<()> {
        let node = self.node();
        if let Some(targets) = &self.replaced {
            body.extend_from_slice(b",\"invalidate\":");
            return serde_json::to_writer(body, targets);
        }
        if node.effects.is_empty() {
            return Ok(());
        }
        body.extend_from_slice(b",\"invalidate\":[");
        for (at, effect) in node.effects.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            self.write_target(at, effect, body);
        }
        body.push(b']');
        Ok(())
    }

    /// Appends `,"merge":[…]` with the result that is in the body already, unless the function
    /// merges nothing. The form is that of [`mizan_schema::Merge`].
    pub(crate) fn write_merges(&self, body: &mut Vec<u8>, result: std::ops::Range<usize>) {
        let merges = &self.node().merges;
        let mut separator: &[u8] = b",\"merge\":[";
        for merge in merges {
            body.extend_from_slice(separator);
            separator = b",";
            self.write_merge(merge, body, result.clone());
        }
        if !merges.is_empty() {
            body.push(b']');
        }
    }

    fn write_merge(&self, merge: &MergeNode, body: &mut Vec<u8>, result: std::ops::Range<usize>) {
        let context = &merge.effect.context;
        body.extend_from_slice(b"{\"context\":");
        quoted(body, context);
        body.extend_from_slice(b",\"slot\":");
        quoted(body, &merge.slot);
        body.extend_from_slice(b",\"params\":{");
        let at = self.node().touched.iter().position(|effect| effect.context == *context);
        if let Some(at) = at {
            self.write_params(at, body);
        }
        body.extend_from_slice(b"},\"value\":");
        body.extend_from_within(result);
        body.extend_from_slice(b",\"mode\":");
        quoted(body, merge.mode.as_str());
        if let Some(key) = &merge.key {
            body.extend_from_slice(b",\"key\":");
            body.extend_from_slice(Value::from(&**key).to_string().as_bytes());
        }
        body.push(b'}');
    }

    /// The form of [`Target`], without building one. Names need no escapes: the graph checked them.
    fn write_target(&self, at: usize, effect: &Effect, body: &mut Vec<u8>) {
        let any = self.named(at).next().is_some();
        if effect.function.is_none() && !any {
            return quoted(body, &effect.context);
        }
        body.extend_from_slice(b"{\"context\":");
        quoted(body, &effect.context);
        if let Some(function) = &effect.function {
            body.extend_from_slice(b",\"function\":");
            quoted(body, function);
        }
        if any {
            body.extend_from_slice(b",\"params\":{");
            self.write_params(at, body);
            body.push(b'}');
        }
        body.push(b'}');
    }

    fn write_params(&self, at: usize, body: &mut Vec<u8>) {
        for (count, (name, json)) in self.named(at).enumerate() {
            if count > 0 {
                body.push(b',');
            }
            quoted(body, name);
            body.push(b':');
            body.extend_from_slice(json.as_bytes());
        }
    }

    fn target(&self, at: usize) -> Target {
        let effect = &self.node().touched[at];
        let value = |json| serde_json::from_str(json).unwrap_or(Value::Null);
        Target {
            context: effect.context.to_string(),
            function: effect.function.as_ref().map(ToString::to_string),
            params: self.named(at).map(|(name, json)| (name.to_owned(), value(json))).collect(),
        }
    }

    /// Contexts only, each once: all effects of a call on one context have one scope.
    fn declared_header(&self) -> String {
        let mut text = String::with_capacity(64);
        let touched = &self.node().touched;
        for (at, effect) in touched.iter().enumerate() {
            if touched[..at].iter().any(|known| known.context == effect.context) {
                continue;
            }
            write_context(&mut text, &effect.context);
            for (name, json) in self.named(at) {
                if let Some(value) = text_of_json(json) {
                    write_param(&mut text, name, &value);
                }
            }
        }
        text
    }

    /// The parameters that one effect names, sorted by name, with their JSON.
    fn named(&self, at: usize) -> impl Iterator<Item = (&str, &str)> {
        self.pins(at).filter(|_| !self.broad)
    }

    /// The parameters by which one effect of [`FunctionNode::touched`] narrows, whatever their length.
    pub(crate) fn pins(&self, at: usize) -> impl Iterator<Item = (&str, &str)> {
        let touched = &self.node().touched;
        let start: usize = touched[..at].iter().map(|effect| effect.scope.len()).sum();
        let values = &self.pins[start..start + touched[at].scope.len()];
        let names = touched[at].scope.iter().map(|(_, name)| &**name);
        names.zip(values).filter_map(|(name, json)| Some((name, json.as_deref()?)))
    }
}

/// The JSON of a pin; that of a set in the order of its texts.
fn settled(graph: &Graph, effect: &Effect, name: &str, json: String) -> String {
    if !json.starts_with('[') {
        return json;
    }
    let context = graph.context(&effect.context).map(|id| &graph[id]);
    let Some(param) = context.and_then(|context| context.param(name)) else { return json };
    param.form.settled(&json).unwrap_or(json)
}

/// The header of targets that a function named.
fn header_of(targets: &[Target]) -> String {
    let mut known = HashSet::new();
    let text = |(name, value): (&String, &Value)| Some((name.clone(), text_of(value)?.into()));
    let header = |target: &Target| HeaderTarget {
        context: target.context.clone(),
        params: target.params.iter().filter_map(text).collect(),
    };
    let mut all: Vec<HeaderTarget> = targets.iter().map(header).collect();
    all.retain(|target| known.insert((target.context.clone(), target.params.clone())));
    invalidate_header::write(&all)
}

fn quoted(body: &mut Vec<u8>, name: &str) {
    body.push(b'"');
    body.extend_from_slice(name.as_bytes());
    body.push(b'"');
}

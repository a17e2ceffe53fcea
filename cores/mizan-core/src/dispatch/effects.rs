//! What a running call says of what it changes, beyond what it declares.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use mizan_schema::Target;
use serde_json::Value;

use crate::cache::{AnyMarks, Caching};
use crate::error::{Error, Result};
use crate::graph::Graph;

/// The voice of one call.
pub(crate) struct Changes {
    graph: Arc<Graph>,
    function: usize,
    cache: Option<(Arc<Caching>, Arc<dyn AnyMarks>)>,
    said: Mutex<Overrides>,
}

/// What a call has said.
#[derive(Debug, Default, Clone)]
pub(crate) struct Overrides {
    /// What stands for the declared targets.
    pub(crate) narrowed: Option<Vec<Target>>,
    /// What comes on top.
    pub(crate) more: Vec<Target>,
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("said", &self.said).finish_non_exhaustive()
    }
}

impl Changes {
    pub(crate) fn new(
        graph: Arc<Graph>,
        function: usize,
        cache: Option<(Arc<Caching>, Arc<dyn AnyMarks>)>,
    ) -> Self {
        Self { graph, function, cache, said: Mutex::default() }
    }

    pub(crate) async fn narrow(&self, targets: Vec<Target>) -> Result<()> {
        let touched = &self.graph.functions[self.function].touched;
        for target in &targets {
            check(&self.graph, target)?;
            if !touched.iter().any(|effect| *effect.context == *target.context) {
                let text = format!("`{}` is narrowed to, and not declared", target.context);
                return Err(Error::internal(text));
            }
        }
        if let Some((caching, marks)) = &self.cache {
            let more = self.said().more.clone();
            let all = targets.iter().chain(&more);
            marks.narrow(caching.scopes_of_targets(&self.graph, all)).await?;
        }
        self.said().narrowed = Some(targets);
        Ok(())
    }

    pub(crate) async fn add(&self, targets: Vec<Target>) -> Result<()> {
        targets.iter().try_for_each(|target| check(&self.graph, target))?;
        if let Some((caching, marks)) = &self.cache {
            marks.add(caching.scopes_of_targets(&self.graph, &targets)).await?;
        }
        self.said().more.extend(targets);
        Ok(())
    }

    /// What was said, if anything was.
    pub(crate) fn heard(&self) -> Option<Overrides> {
        let said = self.said();
        (said.narrowed.is_some() || !said.more.is_empty()).then(|| said.clone())
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Overrides> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses a target that names what does not exist.
pub(crate) fn check(graph: &Graph, target: &Target) -> Result<()> {
    let Some(at) = graph.context(&target.context) else {
        return Err(Error::internal(format!("there is no context `{}`", target.context)));
    };
    let context = &graph.contexts[at];
    if let Some(name) = target.params.keys().find(|name| context.param(name).is_none()) {
        let text = format!("context `{}` has no parameter `{name}`", target.context);
        return Err(Error::internal(text));
    }
    for (name, value) in &target.params {
        let schema = context.param(name).map(|param| &param.schema);
        if !value.is_null() && schema.is_some_and(|schema| !fits(value, schema)) {
            let text = format!("`{name}` of `{}` is never {value}", target.context);
            return Err(Error::internal(text));
        }
    }
    if let Some(member) = &target.function
        && !context.all().iter().any(|at| graph.functions[*at].function.name == **member)
    {
        return Err(Error::internal(format!("`{member}` is no member of `{}`", target.context)));
    }
    Ok(())
}

/// Whether a value has the type of a parameter, as far as that can be told at a glance.
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

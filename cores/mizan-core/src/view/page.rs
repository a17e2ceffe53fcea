//! A view that is a component with its props, and names what the component reads.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

/// A component to render, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageView {
    /// The name under which the worker and the browser know the component.
    pub(crate) component: Cow<'static, str>,
    /// The JSON of its props, or why there is none.
    pub(crate) props: Result<String, String>,
    /// What it reads, in the order in which it was named.
    pub(crate) bundles: Vec<BundleView>,
}

/// A bundle that a page brings with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BundleView {
    /// The wire name of the context.
    pub(crate) context: Cow<'static, str>,
    /// Its parameters, or why there are none.
    pub(crate) params: Result<Map<String, Value>, String>,
}

impl PageView {
    pub(super) fn new(component: Cow<'static, str>, props: impl Serialize) -> Self {
        let props = serde_json::to_string(&props).map_err(|error| error.to_string());
        Self { component, props, bundles: Vec::new() }
    }

    pub(super) fn add(&mut self, context: &'static str, params: impl Serialize) {
        let params = match serde_json::to_value(params) {
            Ok(Value::Object(params)) => Ok(params),
            Ok(Value::Null) => Ok(Map::new()),
            Ok(_) => Err("they are an object with a member for each parameter".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        self.bundles.push(BundleView { context: Cow::Borrowed(context), params });
    }
}

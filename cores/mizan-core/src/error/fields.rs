//! Messages by field, so that every faulty argument is named at once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Error;

/// The longest path of a fault that is sent, in characters.
const MAX_PATH: usize = 200;

/// Messages by wire path, collected so that every faulty argument is named at once.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(BTreeMap<String, Vec<String>>);

impl FieldErrors {
    pub(crate) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let mut path = path.into();
        // A path may hold names that a client chose.
        if let Some((end, _)) = path.char_indices().nth(MAX_PATH) {
            path.truncate(end);
        }
        let messages = self.0.entry(path).or_default();
        let message = message.into();
        if !messages.contains(&message) {
            messages.push(message);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a fault lies in an argument of these names.
    pub(crate) fn concern(&self, names: &[&str]) -> bool {
        let first =
            |path: &String| path.split('.').next().is_some_and(|name| names.contains(&name));
        self.0.keys().any(first)
    }

    pub(crate) fn into_error(self) -> Error {
        let fields = self.0.into_iter().map(|(path, messages)| (path, Value::from(messages)));
        Error::validation("input validation failed").with_details(serde_json::json!({
            "fields": Value::Object(fields.collect()),
        }))
    }
}

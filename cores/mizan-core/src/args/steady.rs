//! One text for one value: what keys, scopes and headers rest on.
//!
//! A value whose text changes from one moment to the next would be stored under one name and made stale
//! under another. Sets are read and written in the order of their texts. What else breaks the rule (the
//! order of a hash map inside, a `Serialize` with a mind of its own) is found in debug builds.

use serde_json::Value;

use super::codec::{Decode, WriteJson};
use super::form::LazyForm;
use super::{QueryValue, Raw};
use crate::error::{Error, Result};

/// A parameter, as far as its texts are concerned.
pub(super) struct Steady<'c, T> {
    pub(super) name: &'static str,
    pub(super) decode: Decode<T>,
    pub(super) write: WriteJson<T>,
    pub(super) form: &'c LazyForm,
}

impl<T> Steady<'_, T> {
    fn json(&self, value: &T) -> Option<String> {
        let mut json = Vec::new();
        (self.write)(value, &mut json).then(|| String::from_utf8(json).ok())?
    }

    /// The texts of a value: one, or those of the elements of a list. `None` for null and for what has
    /// no text.
    fn texts(&self, value: &T) -> Option<Vec<String>> {
        let json = self.json(value).filter(|json| json != "null")?;
        let form = self.form.get();
        if json.starts_with('[') {
            return form.texts(&json);
        }
        Some(vec![form.text(&json)?.into_owned()])
    }

    fn read(&self, texts: &[String]) -> Option<T> {
        (self.decode)(Raw::Query(QueryValue::plain(texts).of(self.form))).ok()
    }

    /// The value that is read from the texts of a value; null stays as it is.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where its texts cannot be read.
    pub(super) fn again(&self, value: T) -> Result<T> {
        let Some(texts) = self.texts(&value) else { return Ok(value) };
        self.read(&texts).ok_or_else(|| self.unsteady(&texts, None))
    }

    fn unsteady(&self, one: &[String], other: Option<&[String]>) -> Error {
        let text = |texts: &[String]| match texts {
            [only] => only.clone(),
            texts => Value::from(texts).to_string(),
        };
        let kind = std::any::type_name::<T>();
        let name = self.name;
        Error::internal(match other {
            Some(other) => format!(
                "one value of `{name}`, a `{kind}`, is written as `{}` and as `{}`: its text must be a \
                 function of its value",
                text(one),
                text(other)
            ),
            None => format!(
                "`{name}`, a `{kind}`, is written as `{}`, which cannot be read as one",
                text(one)
            ),
        })
    }
}

/// Reads the texts of a value twice, and compares what is written then.
///
/// # Errors
/// `INTERNAL_ERROR` where the texts differ, in debug builds only.
pub(super) fn check<T>(steady: &Steady<'_, T>, value: &T) -> Result<()> {
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    let Some(texts) = steady.texts(value) else { return Ok(()) };
    for _ in 0..2 {
        let again = steady.read(&texts).ok_or_else(|| steady.unsteady(&texts, None))?;
        let other = steady.texts(&again).unwrap_or_default();
        if other != texts {
            return Err(steady.unsteady(&texts, Some(&other)));
        }
    }
    Ok(())
}

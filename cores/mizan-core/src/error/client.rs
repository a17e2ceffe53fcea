//! An error fit for the client in code that speaks in standard errors.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

use super::ErrorCode;

/// An error fit for the client that also is a `std::error::Error`.
///
/// [`Error`](crate::Error) cannot be one (it converts from all of them), so this is its twin for code that speaks
/// in standard errors: return it, or put it into the `source` of your own error, and the code
/// survives every `?` on the way to the client.
///
/// ```
/// use mizan_core::{ClientError, Error, ErrorCode};
/// fn inner() -> std::io::Result<()> {
///     Err(std::io::Error::other(ClientError::new(ErrorCode::NotFound, "no such row")))
/// }
/// fn outer() -> mizan_core::Result<()> {
///     Ok(inner()?)
/// }
/// assert_eq!(outer().unwrap_err().code(), ErrorCode::NotFound);
/// ```
#[derive(Debug, Clone)]
pub struct ClientError {
    pub(super) code: ErrorCode,
    pub(super) message: Cow<'static, str>,
    pub(super) details: Option<Value>,
    pub(super) unchanged: bool,
}

impl ClientError {
    /// An error with this code and this text for the client.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: None, unchanged: false }
    }

    /// Replaces the details that are sent next to the message.
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Declares that the call was refused before it changed anything, as [`Error::unchanged`] does. It holds wherever this
    /// error is in the sources of your own:
    ///
    /// ```
    /// use mizan_core::{ClientError, Error, ErrorCode};
    /// enum Refusal {
    ///     Full,
    /// }
    /// impl From<Refusal> for ClientError {
    ///     fn from(_: Refusal) -> Self {
    ///         ClientError::new(ErrorCode::ValidationError, "the stall is full").unchanged()
    ///     }
    /// }
    /// assert!(Error::from(ClientError::from(Refusal::Full)).is_unchanged());
    /// ```
    ///
    /// [`Error::unchanged`]: crate::Error::unchanged
    pub fn unchanged(mut self) -> Self {
        self.unchanged = true;
        self
    }

    /// The twin of an error that has no cause, or the cause, which has the code in its chain.
    pub(super) fn standard(error: super::Error) -> Box<dyn StdError + Send + Sync> {
        let super::Error { code, message, details, source, unchanged, .. } = error;
        source.unwrap_or_else(|| Box::new(Self { code, message, details, unchanged }))
    }

    /// The first client error in a chain of causes. `io::Error` hides its inner error from
    /// `source`, so it is looked into by name.
    pub(super) fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found);
            }
            let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            if let Some(found) = inner.and_then(|inner| Self::find(inner)) {
                return Some(found);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ClientError {}

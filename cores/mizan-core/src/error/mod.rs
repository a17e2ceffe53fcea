//! What can go wrong, as a small closed vocabulary: a code, a text fit for the client, a cause fit
//! for the log. Status numbers are in one table, [`ErrorCode::status`].

mod build;
mod client;
mod fields;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

pub(crate) use build::BuildProblems;
pub use build::{BuildError, BuildProblem};
pub use client::ClientError;
pub(crate) use fields::FieldErrors;
pub use mizan_schema::ErrorCode;
use serde_json::Value;

/// The result of a function that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// A failed request.
///
/// The message and the details are sent to the client, the cause is logged and never sent. `?`
/// turns any `std::error::Error` into [`ErrorCode::InternalError`], which tells the client nothing
/// but an id, unless the error or one of its sources is a [`ClientError`]: that one keeps its code.
///
/// ```
/// use mizan_core::{Error, ErrorCode};
/// let error = Error::not_found("no such stall").with_details(serde_json::json!({"id": 7}));
/// assert_eq!(error.code(), ErrorCode::NotFound);
/// ```
pub struct Error {
    code: ErrorCode,
    message: Cow<'static, str>,
    details: Option<Value>,
    source: Option<Source>,
    /// The function that failed, for the log.
    function: Option<String>,
    /// Whether its function has changed nothing before it failed.
    unchanged: bool,
    /// When the client may try again.
    retry_after: Option<Duration>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident = $code:ident;)*) => {
        impl Error {
            $($(#[$doc])* pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
                Self::new(ErrorCode::$code, message)
            })*
        }
    };
}

constructors! {
    /// 400: the request is not what the protocol asks for.
    bad_request = BadRequest;
    /// 401: no one is signed in.
    unauthorized = Unauthorized;
    /// 403: the caller may not do this.
    forbidden = Forbidden;
    /// 404: there is no such thing.
    not_found = NotFound;
    /// 405: the path exists, the method does not.
    method_not_allowed = MethodNotAllowed;
    /// 413: the body is larger than the limit.
    payload_too_large = PayloadTooLarge;
    /// 415: the body is of a type that is not taken here.
    unsupported_media_type = UnsupportedMediaType;
    /// 422: a value is wrong; name the fields with [`Error::field`].
    validation = ValidationError;
    /// 429: too many requests.
    too_many_requests = TooManyRequests;
    /// 501: this build cannot do that.
    not_implemented = NotImplemented;
    /// 503: not now; the client may try again.
    unavailable = Unavailable;
}

impl Error {
    /// An error with this code and this text for the client.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            source: None,
            function: None,
            unchanged: false,
            retry_after: None,
        }
    }

    /// 500: the client learns an opaque id, the log learns the cause.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorCode::InternalError, "internal error");
        error.source = Some(cause.into());
        error
    }

    /// 422 on one field; `path` is the wire path, joined with dots.
    pub fn field(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields([(path, message)])
    }

    /// 422 on several fields, by wire path. Messages of one path are collected.
    ///
    /// ```
    /// use mizan_core::Error;
    /// let error = Error::fields([("name", "this is needed"), ("email", "this is no address")]);
    /// assert!(error.details().is_some_and(|details| details["fields"]["email"].is_array()));
    /// ```
    pub fn fields<P: Into<String>, M: Into<String>>(
        faults: impl IntoIterator<Item = (P, M)>,
    ) -> Self {
        let mut collected = FieldErrors::default();
        for (path, message) in faults {
            collected.add(path, message);
        }
        collected.into_error()
    }

    /// Replaces the details that are sent next to the message.
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Says when the client may try again, in the header `Retry-After`: whole seconds, and one at least.
    pub fn with_retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// When the client may try again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Declares that the call was refused before it changed anything: it makes nothing stale but what it named itself by
    /// `request.invalidate(…)`. Without this an error makes stale what its call declares, since a function may fail
    /// after its change.
    ///
    /// Say it only where nothing was written, or all of it was rolled back: clients and the cache keep what they hold.
    ///
    /// ```
    /// use mizan_core::{Error, Result};
    /// fn check(name: &str) -> Result<()> {
    ///     match name.trim() {
    ///         "" => Err(Error::field("name", "a name is not empty").unchanged()),
    ///         _ => Ok(()),
    ///     }
    /// }
    /// assert!(check(" ").unwrap_err().is_unchanged());
    /// ```
    pub fn unchanged(mut self) -> Self {
        self.unchanged = true;
        self
    }

    /// Whether the call was refused before it changed anything.
    pub fn is_unchanged(&self) -> bool {
        self.unchanged
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The text that the client sees.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The details that the client sees.
    pub fn details(&self) -> Option<&Value> {
        self.details.as_ref()
    }

    /// The cause that the log sees.
    pub fn source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// The same error for another caller who waited for it.
    pub(crate) fn shared(&self) -> Self {
        let mut error = Self::new(self.code, self.message.clone());
        error.details.clone_from(&self.details);
        error.unchanged = self.unchanged;
        error.retry_after = self.retry_after;
        error.function.clone_from(&self.function);
        error.source = self.source.as_ref().map(|source| source.to_string().into());
        error
    }

    /// Says which function failed. Only an unexpected error is logged, so only that one keeps the name.
    pub(crate) fn within(mut self, function: &str) -> Self {
        if self.code == ErrorCode::InternalError {
            self.function = Some(function.to_owned());
        }
        self
    }

    pub(crate) fn into_parts(self) -> (ErrorCode, Cow<'static, str>, Option<Value>) {
        (self.code, self.message, self.details)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code)
            .field("message", &self.message)
            .field("function", &self.function)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        match ClientError::find(&error) {
            Some(client) => {
                let mut known = Self::new(client.code, client.message.clone());
                known.details.clone_from(&client.details);
                known.unchanged = client.unchanged;
                known.source = Some(Box::new(error));
                known
            }
            None => Self::internal(error),
        }
    }
}

/// The cause where there is one, else a [`ClientError`]. So `?` works in a `main` that returns
/// `Box<dyn std::error::Error>`, and the code survives it.
///
/// ```
/// use mizan_core::{Error, ErrorCode};
/// fn find() -> mizan_core::Result<()> {
///     Err(Error::not_found("no such row"))
/// }
/// fn start() -> Result<(), Box<dyn std::error::Error>> {
///     Ok(find()?)
/// }
/// assert_eq!(start().unwrap_err().to_string(), "no such row");
///
/// let standard: Box<dyn std::error::Error + Send + Sync> = find().unwrap_err().into();
/// let client = standard.downcast::<mizan_core::ClientError>().unwrap();
/// assert_eq!(Error::from(*client).code(), ErrorCode::NotFound);
/// ```
impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        ClientError::standard(error)
    }
}

/// The same without the bounds on threads.
impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        ClientError::standard(error)
    }
}

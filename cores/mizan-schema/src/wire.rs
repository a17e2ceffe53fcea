//! Wire bodies that more than one program writes or reads.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::text_of;

/// What a mutation made stale: a context, entries of a context, or one function of them.
///
/// On the wire a target without parameters and function is the context's name alone.
///
/// ```
/// use mizan_schema::Target;
/// let broad: Target = serde_json::from_str(r#""user""#)?;
/// assert_eq!(broad, Target::context("user"));
/// let scoped: Target = serde_json::from_str(r#"{"context":"user","params":{"user_id":5}}"#)?;
/// assert_eq!(serde_json::to_string(&scoped)?, r#"{"context":"user","params":{"user_id":5}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "TargetForm")]
pub struct Target {
    /// The wire name of the context.
    pub context: String,
    /// The member that alone is affected, if only one is.
    pub function: Option<String>,
    /// Values that an entry must have to be affected; empty means every entry.
    pub params: Map<String, Value>,
}

impl Target {
    /// Whether this target covers an entry of a context: the contexts are the same, and each parameter
    /// of the target is equal as text ([`text_of`](crate::text_of)) in the entry, or null or absent
    /// there (a null often means "all").
    ///
    /// ```
    /// use mizan_schema::Target;
    /// let entry = serde_json::json!({"user_id": 5, "page": null});
    /// let entry = entry.as_object().unwrap();
    /// let target = |text| serde_json::from_str::<Target>(text).unwrap();
    /// assert!(target(r#"{"context":"user","params":{"user_id":"5","page":2}}"#).covers("user", entry));
    /// assert!(!target(r#"{"context":"user","params":{"user_id":6}}"#).covers("user", entry));
    /// ```
    pub fn covers(&self, context: &str, entry: &Map<String, Value>) -> bool {
        let equal = |(name, value): (&String, &Value)| match entry.get(name) {
            None | Some(Value::Null) => true,
            Some(own) => text_of(own) == text_of(value),
        };
        self.context == context && self.params.iter().all(equal)
    }

    /// Every entry of a context.
    pub fn context(name: impl Into<String>) -> Self {
        Self { context: name.into(), function: None, params: Map::new() }
    }

    /// Only the entries in which a parameter has this value, or none.
    pub fn with(mut self, param: impl Into<String>, value: impl Into<Value>) -> Self {
        self.params.insert(param.into(), value.into());
        self
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.function.is_none() && self.params.is_empty() {
            return serializer.serialize_str(&self.context);
        }
        #[derive(Serialize)]
        struct Full<'a> {
            context: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            function: Option<&'a str>,
            #[serde(skip_serializing_if = "Map::is_empty")]
            params: &'a Map<String, Value>,
        }
        Full { context: &self.context, function: self.function.as_deref(), params: &self.params }
            .serialize(serializer)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TargetForm {
    Name(String),
    Full {
        context: String,
        #[serde(default)]
        function: Option<String>,
        #[serde(default)]
        params: Map<String, Value>,
    },
}

impl From<TargetForm> for Target {
    fn from(form: TargetForm) -> Self {
        match form {
            TargetForm::Name(context) => Self::context(context),
            TargetForm::Full { context, function, params } => Self { context, function, params },
        }
    }
}

/// A result that goes straight into a member's slot of the matching entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// The wire name of the context.
    pub context: String,
    /// The member whose value is replaced or extended.
    pub slot: String,
    /// Values that an entry must have to be covered.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// The result of the call.
    pub value: Value,
    /// How the value goes in.
    pub mode: MergeMode,
    /// The field by which list elements are matched, for [`MergeMode::Upsert`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// How a merged value goes into its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMode {
    /// The slot takes the value.
    Replace,
    /// The slot is a list: the element with the same key is replaced, or the value appended.
    Upsert,
}

impl MergeMode {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Upsert => "upsert",
        }
    }
}

/// The closed list of error codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: the request is not what the protocol asks for.
    BadRequest,
    /// 401: no one is signed in, or a token is not valid.
    Unauthorized,
    /// 403: the caller may not do this.
    Forbidden,
    /// 404: there is no such function, context or row.
    NotFound,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 413: the body is larger than the limit.
    PayloadTooLarge,
    /// 415: the body is not JSON.
    UnsupportedMediaType,
    /// 421: the request is for a host that this server is not.
    MisdirectedRequest,
    /// 422: an argument is missing or wrong; `details.fields` names it.
    ValidationError,
    /// 429: too many requests.
    TooManyRequests,
    /// 500: the server failed; `details.id` is in its log.
    InternalError,
    /// 501: this build cannot do that.
    NotImplemented,
    /// 503: not now; try again.
    Unavailable,
}

impl ErrorCode {
    /// Every code, in order of status.
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::MisdirectedRequest,
        Self::ValidationError,
        Self::TooManyRequests,
        Self::InternalError,
        Self::NotImplemented,
        Self::Unavailable,
    ];

    /// The text on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::MisdirectedRequest => "MISDIRECTED_REQUEST",
            Self::ValidationError => "VALIDATION_ERROR",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::InternalError => "INTERNAL_ERROR",
            Self::NotImplemented => "NOT_IMPLEMENTED",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// The HTTP status that carries this code.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::MisdirectedRequest => 421,
            Self::ValidationError => 422,
            Self::TooManyRequests => 429,
            Self::InternalError => 500,
            Self::NotImplemented => 501,
            Self::Unavailable => 503,
        }
    }
}

/// The one shape of a failed request: `{"error": {…}, "invalidate"?: […]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// What went wrong.
    pub error: ErrorBody,
    /// What the failed function may have changed all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalidate: Vec<Target>,
    /// Whether the failed function signed a user in or out all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionChange>,
}

/// That a call signed a user in or out: what a client holds is of another caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionChange {
    /// It did.
    Changed,
}

/// Code, message and details of an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code.
    pub code: ErrorCode,
    /// A text fit for the client.
    pub message: String,
    /// What depends on the code: `fields` of a validation error, `id` of an internal one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

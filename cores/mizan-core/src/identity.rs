//! Who is calling: decided once per request by an [`Authenticator`], seen through the request types.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::head::RequestParts;
use crate::secret;
use crate::task::BoxFuture;

/// A caller that an [`Authenticator`] has recognised.
///
/// # Examples
/// ```
/// use mizan_core::Identity;
///
/// let user = Identity::new("7").staff(true).permission("orders.refund");
/// assert_eq!(user.subject(), "7");
/// assert!(user.is_staff() && !user.is_superuser());
/// assert!(user.has_permission("orders.refund"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    subject: String,
    staff: bool,
    superuser: bool,
    permissions: BTreeSet<String>,
    bearer: bool,
}

impl Identity {
    /// A plain user. The subject is the user's id as text, kept as it is: `"007"` is not `"7"`.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            staff: false,
            superuser: false,
            permissions: BTreeSet::new(),
            bearer: false,
        }
    }

    /// Marks the caller as staff. Staff neither implies nor is implied by superuser.
    pub fn staff(mut self, staff: bool) -> Self {
        self.staff = staff;
        self
    }

    /// Marks the caller as superuser.
    pub fn superuser(mut self, superuser: bool) -> Self {
        self.superuser = superuser;
        self
    }

    /// Adds the name of a permission. An empty name is a mistake, since the digest of rights would not show it: every
    /// request of such a caller is refused with an `INTERNAL_ERROR`.
    pub fn permission(mut self, name: impl Into<String>) -> Self {
        self.permissions.insert(name.into());
        self
    }

    /// Declares that a verified `Authorization: Bearer` token proved the caller. No page of another
    /// site can make a browser send one, so such a request needs no CSRF token.
    pub fn proved_by_bearer(mut self) -> Self {
        self.bearer = true;
        self
    }

    /// # Errors
    /// `INTERNAL_ERROR` where a permission has no name.
    pub(crate) fn checked(self) -> Result<Self> {
        if self.has_permission("") {
            let text = format!("a permission of `{}` has an empty name", self.subject);
            return Err(Error::internal(text));
        }
        Ok(self)
    }

    pub(crate) fn is_proved_by_bearer(&self) -> bool {
        self.bearer
    }

    /// The user's id as text.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether the caller is staff.
    pub fn is_staff(&self) -> bool {
        self.staff
    }

    /// Whether the caller is a superuser.
    pub fn is_superuser(&self) -> bool {
        self.superuser
    }

    /// The digest of the caller's rights: SHA-256, in lower-case hex, over `S:U:L`, where `S` and `U`
    /// are 1 or 0 for staff and superuser, and `L` is the permissions sorted and joined by commas.
    pub fn rights_digest(&self) -> String {
        let flag = |set: bool| if set { "1" } else { "0" };
        let mut names: Vec<&str> = self.permissions.iter().map(String::as_str).collect();
        // Other implementations know no name with a comma in it; here it must not look like two.
        let quoted = serde_json::to_string(&names).unwrap_or_default();
        if names.iter().any(|name| name.contains(',')) {
            names = vec![&quoted];
        }
        let names = names.join(",");
        let text = format!("{}:{}:{names}", flag(self.staff), flag(self.superuser));
        secret::hex(&Sha256::digest(text))
    }

    /// Whether the caller holds this permission by name.
    pub fn has_permission(&self, name: &str) -> bool {
        self.permissions.contains(name)
    }
}

/// What an [`Authenticator`] answers: a caller, an anonymous one, or a refusal.
pub type IdentityFuture<'a> = BoxFuture<'a, Result<Option<Identity>>>;

/// Decides who is calling, once per request and before anything of the request is checked.
///
/// `Ok(None)` is an anonymous caller. A credential that is present and not good is an error with
/// code `UNAUTHORIZED`; the request ends there.
///
/// # Examples
/// For callers that send a key instead of signing in:
///
/// ```
/// use mizan_core::{Authenticator, Builder, Error, Identity, IdentityFuture, RequestParts};
///
/// struct ByApiKey {
///     key: String,
/// }
///
/// impl Authenticator for ByApiKey {
///     fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
///         Box::pin(async move {
///             match parts.headers.get("x-api-key") {
///                 None => Ok(None),
///                 Some(key) if key == self.key => Ok(Some(Identity::new("partner"))),
///                 Some(_) => Err(Error::unauthorized("the key is not valid")),
///             }
///         })
///     }
/// }
///
/// let by_key = ByApiKey { key: "from the settings".into() };
/// Builder::empty().allow_empty().authenticator(by_key).build()?;
/// # Ok::<(), mizan_core::BuildError>(())
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// Reads the credentials of a request.
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a>;
}

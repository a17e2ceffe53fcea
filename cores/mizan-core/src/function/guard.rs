//! Guards: who may run a function. They run before arguments are read and before any cache.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::request::RawRequest;
use crate::task::{BoxFuture, CatchUnwind};
use crate::visibility::Visibility;

/// The verdict of a predicate.
pub type GuardFuture = BoxFuture<'static, Result<bool>>;
pub(crate) type Predicate = Arc<dyn Fn(Arc<RawRequest>) -> GuardFuture + Send + Sync>;

/// What a caller needs to run a function.
#[derive(Clone)]
pub(crate) enum Guard {
    /// To be signed in.
    Required,
    /// To be staff.
    Staff,
    /// To be a superuser.
    Superuser,
    /// To satisfy a predicate of the application.
    Predicate { visibility: Visibility, check: Predicate },
}

impl Guard {
    /// The name in the manifest.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Staff => "staff",
            Self::Superuser => "superuser",
            Self::Predicate { .. } => "predicate",
        }
    }

    /// How far the guard looks.
    pub(crate) fn visibility(&self) -> Visibility {
        match self {
            Self::Predicate { visibility, .. } => *visibility,
            _ => Visibility::User,
        }
    }

    /// Passes, or says why not. A predicate that fails unexpectedly or panics denies.
    pub(crate) async fn check(&self, request: &Arc<RawRequest>) -> Result<()> {
        match self {
            Self::Required => request.identity().map(drop),
            Self::Staff => {
                let staff = request.identity()?.is_staff();
                staff.then_some(()).ok_or_else(|| Error::forbidden("staff access required"))
            }
            Self::Superuser => {
                let superuser = request.identity()?.is_superuser();
                superuser.then_some(()).ok_or_else(|| Error::forbidden("superuser access required"))
            }
            Self::Predicate { check, .. } => {
                let asked = async { check(Arc::clone(request)).await };
                match CatchUnwind(Box::pin(asked)).await {
                    Ok(Ok(true)) => Ok(()),
                    Ok(Ok(false)) => Err(Error::forbidden("access denied")),
                    Ok(Err(error)) if error.code() != ErrorCode::InternalError => Err(error),
                    Ok(Err(error)) => {
                        tracing::error!(error = ?error, "a guard failed, access is denied");
                        Err(Error::forbidden("access denied"))
                    }
                    Err(panic) => {
                        tracing::error!(panic, "a guard panicked, access is denied");
                        Err(Error::forbidden("access denied"))
                    }
                }
            }
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

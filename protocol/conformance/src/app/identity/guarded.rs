//! Functions behind guards, those of the framework and asynchronous ones that allow, deny, refuse,
//! fail and panic.

use mizan_core::{Context, Error, Result, UserRequest, client};

/// Behind the guard of staff.
#[derive(Context)]
pub(crate) struct ReportContext;

/// Behind a guard that panics for everybody but user 5.
#[derive(Context)]
pub(crate) struct GatedContext;

async fn allows(_: &UserRequest) -> Result<bool> {
    tokio::task::yield_now().await;
    Ok(true)
}

async fn denies(_: &UserRequest) -> Result<bool> {
    tokio::task::yield_now().await;
    Ok(false)
}

async fn refuses(_: &UserRequest) -> Result<bool> {
    tokio::task::yield_now().await;
    Err(Error::forbidden("closed on Sunday"))
}

async fn fails(_: &UserRequest) -> Result<bool> {
    tokio::task::yield_now().await;
    Err(std::io::Error::other("marker-a1 in a guard"))?;
    Ok(true)
}

#[expect(clippy::panic, reason = "what is tested")]
async fn panics(request: &UserRequest) -> Result<bool> {
    tokio::task::yield_now().await;
    match request.user().map(mizan_core::Identity::subject) {
        Some("5") => Ok(true),
        _ => panic!("marker-b2 in a guard"),
    }
}

/// For the user who is signed in.
#[client(auth)]
pub(crate) async fn guarded(request: &UserRequest) -> Result<String> {
    Ok(request.identity()?.subject().to_owned())
}

/// For staff.
#[client(auth = "staff")]
pub(crate) async fn staff_only() -> String {
    "ok".into()
}

/// A report for staff.
#[client(context = ReportContext, auth = "staff")]
pub(crate) async fn report() -> String {
    "the books of the house".into()
}

/// Allowed.
#[client(auth = allows)]
pub(crate) async fn allowed() -> String {
    "ran".into()
}

/// Denied.
#[client(auth = denies)]
pub(crate) async fn denied() -> String {
    "ran".into()
}

/// Refused with a reason.
#[client(auth = refuses)]
pub(crate) async fn refused() -> String {
    "ran".into()
}

/// Behind a guard that fails.
#[client(auth = fails)]
pub(crate) async fn failed() -> String {
    "ran".into()
}

/// Behind a guard that panics.
#[client(auth = panics)]
pub(crate) async fn panicked() -> String {
    "ran".into()
}

/// Behind a guard that panics, and cached.
#[client(context = GatedContext, auth = panics)]
pub(crate) async fn gated() -> String {
    "ran".into()
}

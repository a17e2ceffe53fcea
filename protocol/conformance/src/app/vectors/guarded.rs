//! Functions that not everybody may run.

use mizan_core::{Error, RawRequest, Result, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use super::contexts::{
    DONE, Done, GateContext, PrefsContext, ReportsContext, UserContext, VaultContext,
};

/// Whether the request holds the header `X-Allow: yes`.
fn allowed(request: &RawRequest) -> bool {
    request.header("x-allow") == Some("yes")
}

/// Refuses with a reason.
async fn closed(_: &UserRequest) -> Result<bool> {
    Err(Error::forbidden("closed on Sunday"))
}

/// Fails, and thereby denies.
fn broken(_: &UserRequest) -> Result<bool> {
    Err(Error::internal("the secret text of need_crash"))
}

/// Preferences of the caller.
#[derive(Serialize, JsonSchema)]
pub(super) struct Prefs {
    user: String,
}

/// The caller's preferences.
#[client(context = PrefsContext, auth)]
pub(super) async fn prefs_get(request: &UserRequest) -> Result<Prefs> {
    let user = request.identity()?.subject().to_owned();
    Ok(Prefs { user })
}

/// A report.
#[derive(Serialize, JsonSchema)]
pub(super) struct Report {
    report_id: i64,
}

/// A report that staff reads.
#[client(context = ReportsContext, auth = "staff", cache = 60)]
pub(super) async fn staff_report(report_id: i64) -> Report {
    Report { report_id }
}

/// What a superuser reads.
#[client(context = VaultContext, auth = "superuser", cache = false)]
pub(super) async fn vault_get() -> Done {
    DONE
}

/// What the predicate lets through.
#[client(context = GateContext, auth = allowed)]
pub(super) async fn gate_get() -> Done {
    DONE
}

/// The caller's id.
#[client(auth)]
pub(super) async fn need_user(request: &UserRequest) -> Result<String> {
    Ok(request.identity()?.subject().to_owned())
}

/// Staff changes a user.
#[client(auth = "staff", affects = UserContext)]
pub(super) async fn need_staff(user_id: i64) -> String {
    let _ = user_id;
    "ok".into()
}

/// A superuser's call.
#[client(auth = "superuser")]
pub(super) async fn need_super() -> String {
    "ok".into()
}

/// A call that the predicate lets through.
#[client(auth = allowed)]
pub(super) async fn need_callable() -> String {
    "ok".into()
}

/// A call that is always refused.
#[client(auth = closed)]
pub(super) async fn need_raise() -> String {
    "ok".into()
}

/// A call whose guard fails.
#[client(auth = broken)]
pub(super) async fn need_crash() -> String {
    "ok".into()
}
